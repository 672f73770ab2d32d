/** Zone files as nobody would write them, edited, and both read by BIND itself. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { namedMissing } from '../../../test/named.ts';
import { addressChange, editZone, epochChange } from './zone-edit.ts';

const ZONE = 'example.com';
const NAME = 'www.example.com';
const folder = mkdtempSync(join(tmpdir(), 'holdfast-zone-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * What BIND reads: one line a record, names in full, without the SOA; undefined where records of one RRset have
 * different TTLs: which of them BIND takes depends on the lines in between.
 */
function compile(text: string): string[] | undefined {
  const file = join(folder, 'zone');
  writeFileSync(file, text);
  const args = ['-i', 'none', '-k', 'ignore', '-o', '-', ZONE, file];
  const env = { PATH: `${process.env.PATH}:/usr/bin:/usr/sbin` };
  const { stdout, stderr, status } = spawnSync('named-compilezone', args, { encoding: 'utf8', env });
  expect(status, stderr).toBe(0);
  if (/TTL set to prior TTL/.test(stderr)) return undefined;
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !/\sSOA\s/.test(line))
    .map((line) => line.replace(/\s+/g, ' ').replace(/^\S+/, (name) => name.toLowerCase()))
    .sort();
}

function isOurs(line: string): boolean {
  return /^www\.example\.com\. \S+ IN (A|AAAA) /.test(line) || line.startsWith('_holdfast.www.example.com. ');
}

const address = fc.integer({ min: 1, max: 254 }).map((last) => `192.0.2.${last}`);
const ttl = fc.constantFrom('', '60 ', '1h ', '1D ', 'IN 5m ', '30 IN ', 'in ');
const comment = fc.constantFrom('', ' ; plain', ' ; "quote', ' ; ( ) \\', '\t;火种节点');
const owner = fc.constantFrom('www', 'WWW', 'www.example.com.', '@', 'a', 'b.c', '', '\t');
const rdata = fc.oneof(
  address.map((text) => `A ${text}`),
  address.map((text) => `A (\n   ${text} ; inside\n )`),
  fc.integer({ min: 1, max: 9999 }).map((last) => `AAAA 2001:db8::${last}`),
  fc.constantFrom(
    'TXT "a;b"',
    'TXT ( "one"\n "two" )',
    'TXT "say \\"hi\\""',
    'MX 10 mail',
    'TXT plain\\;word',
  ),
);
const record = fc
  .tuple(owner, ttl, rdata, comment)
  .map(([name, time, data, said]) => `${name === '' ? ' ' : name} ${time}${data}${said}\n`);
const line = fc.oneof(
  { weight: 8, arbitrary: record },
  fc.constantFrom(
    '\n',
    '; a comment\n',
    '   ; indented comment\n',
    '$TTL 2h\n',
    '$ORIGIN sub\n',
    '$ORIGIN example.com.\n',
  ),
);
const zoneText = fc
  .array(line, { maxLength: 15 })
  .map(
    (lines) =>
      `$TTL 1h\n@ IN SOA ns.example.org. root ( 7 1h 5m 1w 10 )\n NS ns.example.org.\n${lines.join('')}`,
  );

describe.skipIf(namedMissing !== undefined)(
  `any zone file that BIND accepts${namedMissing === undefined ? '' : ` (skipped: ${namedMissing})`}`,
  () => {
    test('says after the edit what was asked for, and everything else as before', () => {
      fc.assert(
        fc.property(zoneText, fc.uniqueArray(address, { minLength: 1, maxLength: 3 }), (text, wanted) => {
          const before = compile(text) ?? [];
          fc.pre(before.length > 0);
          const records = wanted.map((one) => ({ type: 'A' as const, address: one }));
          const changes = [
            addressChange(NAME, records, 5),
            epochChange(`_holdfast.${NAME}`, 'v=holdfast1 epoch=1 by=x answer=0123456789abcdef'),
          ];

          const edited = editZone(text, ZONE, changes, 0);

          const after = compile(edited.text) ?? [];
          fc.pre(after.length > 0);
          expect(after.filter((one) => !isOurs(one))).toEqual(before.filter((one) => !isOurs(one)));
          expect(after.filter(isOurs)).toEqual(
            [
              ...wanted.map((one) => `${NAME}. 5 IN A ${one}`),
              `_holdfast.${NAME}. 0 IN TXT "v=holdfast1 epoch=1 by=x answer=0123456789abcdef"`,
            ].sort(),
          );
          expect(editZone(edited.text, ZONE, changes, 0)).toMatchObject({ changed: false });
        }),
        { numRuns: 60 },
      );
    });
  },
);

describe('a zone file of twenty thousand records', () => {
  test('is edited, and only where it must be', () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, n) => `h${n} IN A 10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
    );
    const text = `$TTL 60\n@ SOA a. b. 1 2 3 4 5\nwww A 192.0.2.1\n${lines.join('\n')}\n`;

    const edited = editZone(text, ZONE, [addressChange(NAME, [{ type: 'A', address: '192.0.2.2' }], 60)], 0);

    expect(edited.text).toBe(text.replace('a. b. 1 ', 'a. b. 2 ').replace('192.0.2.1', '192.0.2.2'));
  });
});
