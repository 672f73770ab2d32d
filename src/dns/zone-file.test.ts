import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatPosition } from '../base/position.ts';
import { renderReason } from '../base/reason.ts';
import { dnsReasons } from './reasons.ts';
import { formatRecord } from './record.ts';
import { zoneRecords } from './zone.ts';
import { loadZone, parseZoneFile } from './zone-file.ts';
import { writeZoneFile } from './zone-file-write.ts';

/** The forward zone of the runbook, with everything a zone file may hold added. */
const FILE = `\uFEFF$TTL 1D
@   IN SOA  tinder-node-server.com. rname.invalid. (
                    20190810    ; serial 序列号
                    1D  ; refresh
                    1H  ; retry
                    1W  ; expire
                    3H )    ; minimum
    NS  @
    A   192.0.2.193
    AAAA    ::1
ns  IN A    192.0.2.193
www IN A    192.0.2.193\r
www 2h30m IN TXT "two words" plain "semi;colon" "quo\\"te" "\\195\\169"
*.wild 60 IN CNAME www
IN 5 TXT "a name that is a class"
deep.er.and.deeper TXT ( "one"
   "two" ; comment inside
   ) ; after
$ORIGIN sub.tinder-node-server.com.
host IN 30 A 192.0.2.7
abs.tinder-node-server.com. A 192.0.2.8
dot\\.ted A 192.0.2.9
\\@ A 192.0.2.10
$ORIGIN other
$ORIGIN tinder-node-server.com.
_sip._tcp SRV 0 5 5060 www
mail MX 10 www
@ CAA 0 issue "ca.example; account=1"
unknown TYPE65280 \\# 4 DEADBEEF
`;
const options = { origin: 'tinder-node-server.com', file: 'test.zone' };

/** `file:line:column rule: sentence`, as a user sees it. */
function problems(text: string, o: Partial<Parameters<typeof loadZone>[1]> = {}): string[] {
  return loadZone(text, { ...options, ...o }).findings.map(({ position, because, hint }) => {
    expect(renderReason(hint, [dnsReasons], 'zh')).not.toMatch(/[{}]/);
    expect(renderReason(because, [dnsReasons], 'zh')).not.toMatch(/[{}]/);
    const place = position === undefined ? '' : `${formatPosition(position)} `;
    return place + renderReason(because, [dnsReasons], 'en');
  });
}

describe('a zone file', () => {
  it('is read with all of its syntax', () => {
    const { zone, findings } = loadZone(FILE, options);
    expect(findings).toEqual([]);
    expect([...zoneRecords(zone!)].map(formatRecord)).toEqual([
      'tinder-node-server.com. 86400 IN SOA tinder-node-server.com. rname.invalid. 20190810 86400 3600 604800 10800',
      'tinder-node-server.com. 86400 IN NS tinder-node-server.com.',
      'tinder-node-server.com. 86400 IN A 192.0.2.193',
      'tinder-node-server.com. 86400 IN AAAA ::1',
      'tinder-node-server.com. 86400 IN CAA 0 issue "ca.example; account=1"',
      'ns.tinder-node-server.com. 86400 IN A 192.0.2.193',
      'www.tinder-node-server.com. 86400 IN A 192.0.2.193',
      'www.tinder-node-server.com. 9000 IN TXT "two words" "plain" "semi;colon" "quo\\"te" "\\195\\169"',
      '*.wild.tinder-node-server.com. 60 IN CNAME www.tinder-node-server.com.',
      'IN.tinder-node-server.com. 5 IN TXT "a name that is a class"',
      'deep.er.and.deeper.tinder-node-server.com. 86400 IN TXT "one" "two"',
      'host.sub.tinder-node-server.com. 30 IN A 192.0.2.7',
      'abs.tinder-node-server.com. 86400 IN A 192.0.2.8',
      'dot\\.ted.sub.tinder-node-server.com. 86400 IN A 192.0.2.9',
      '\\@.sub.tinder-node-server.com. 86400 IN A 192.0.2.10',
      '_sip._tcp.tinder-node-server.com. 86400 IN SRV 0 5 5060 www.tinder-node-server.com.',
      'mail.tinder-node-server.com. 86400 IN MX 10 www.tinder-node-server.com.',
      'unknown.tinder-node-server.com. 86400 IN TYPE65280 \\# 4 DEADBEEF',
    ]);
    expect(zone).toMatchObject({ serial: 20190810, recordCount: 18, negativeSoa: { ttl: 10800 } });
  });

  it('is written so that it reads the same', () => {
    const { zone } = loadZone(FILE, options);
    const written = writeZoneFile(zone!);
    const again = loadZone(written, { ...options, file: 'again' });
    expect(again.findings).toEqual([]);
    const sorted = (it: typeof zone): string[] => [...zoneRecords(it!)].map(formatRecord).sort();
    expect(sorted(again.zone)).toEqual(sorted(zone));
    expect(writeZoneFile(again.zone!)).toBe(written);
  });

  it('names the place of each record', () => {
    const { records } = parseZoneFile(FILE, options);
    expect(formatPosition(records[4]!.position)).toBe('test.zone:11:1');
  });

  it('tells all of its mistakes at once, each with its place', () => {
    const text = `$TTL 1D
@ SOA ns hostmaster 1 1D 1H 1W 3H
@ NS ns
ns A 192.0.2.256
www A
www A 192.0.2.1 192.0.2.2
a..b A 192.0.2.1
x CH A 192.0.2.1
x NOPE 192.0.2.1
x 5y A 192.0.2.1
txt TXT "open
paren A 192.0.2.1 )
$GENERATE 1-2 h$ A 192.0.2.$
$INCLUDE other.zone
$TTL
$ORIGIN a b
mail MX ten www
域名 A 192.0.2.1
lost A ( 192.0.2.1
`;
    expect(problems(text)).toEqual([
      'test.zone:11:9 the quotation has no end on its line',
      'test.zone:12:19 a parenthesis has no partner',
      'test.zone:19:8 a parenthesis has no partner',
      'test.zone:4:6 expected an IPv4 address such as 192.0.2.1, got 192.0.2.256',
      'test.zone:5:1 expected an IPv4 address, got nothing',
      'test.zone:6:7 expected no more than the data of type A, got 192.0.2.2',
      'test.zone:7:1 expected no empty label (two dots in a row, or a dot at the start), got a..b',
      'test.zone:8:3 expected class IN, got CH',
      'test.zone:9:3 expected a record type such as A or TXT, got NOPE',
      'test.zone:10:3 expected a time such as 300, 5m or 1D, at most 2147483647 seconds, got 5y',
      'test.zone:13:1 the directive $GENERATE is not taken here',
      'test.zone:14:1 the directive $INCLUDE is not taken here',
      'test.zone:15:1 expected a value, got nothing',
      'test.zone:16:11 expected the end of the line, got b',
      'test.zone:17:9 expected a number up to 65535, got ten',
      'test.zone:18:1 expected letters, digits and signs of ASCII; other names in their xn-- form (IDNA), got 域名',
      'the server ns.tinder-node-server.com. of tinder-node-server.com. has no address in the zone',
    ]);
  });

  it('needs a TTL and an owner from somewhere; an SOA without one takes its minimum, and so do those after it', () => {
    expect(problems(' A 192.0.2.1\n')[0]).toBe('test.zone:1:2 the first record has no name before it');
    expect(problems('www A 192.0.2.1\n')[0]).toBe(
      'test.zone:1:1 the record has no TTL, and there is no $TTL above it',
    );
    const { records } = parseZoneFile('@ SOA . . 1 2 3 4 5\nwww A 192.0.2.1\n', options);
    expect(records.map(({ ttl }) => ttl)).toEqual([5, 5]);
  });

  it('includes other files where it may, each relative to its own origin, and never without end', () => {
    const files: Record<string, string> = {
      a: 'x A 192.0.2.1\n$INCLUDE b in.b\ny A 192.0.2.2\n',
      b: 'z A 192.0.2.3\n$ORIGIN lost.\nq A 192.0.2.4\n',
      self: '$INCLUDE self\n',
    };
    const include = (path: string): string => {
      const text = files[path];
      if (text === undefined) throw new Error('ENOENT');
      return text;
    };
    const read = parseZoneFile('$TTL 1\n$INCLUDE a\n A 192.0.2.5\nw A 192.0.2.6\n', { ...options, include });
    expect(read.records.map(({ name }) => name.toString())).toEqual([
      'x.tinder-node-server.com.',
      'z.in.b.tinder-node-server.com.',
      'q.lost.',
      'y.tinder-node-server.com.',
      'w.tinder-node-server.com.',
    ]);
    expect(problems('$INCLUDE none\n', { include })[0]).toBe(
      'test.zone:1:10 the included file none cannot be read: ENOENT',
    );
    expect(problems('$INCLUDE self\n', { include })[0]).toContain('more than 8 files deep');
  });

  it('lists a hundred mistakes of a file that is no zone file, and stops', () => {
    const found = problems('@#!\n'.repeat(10_000));
    expect(found).toHaveLength(103);
    expect(found[100]).toBe('and more findings, which are not listed');
  });

  it('never makes the reader throw', () => {
    const piece = fc.constantFrom(
      '$TTL',
      '$ORIGIN',
      '@',
      '(',
      ')',
      '"',
      '\\',
      ';',
      '\n',
      ' ',
      '1D',
      'IN',
      'A',
      'TXT',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary' })), { maxLength: 40 }), (pieces) => {
        expect(loadZone(pieces.join(''), options).zone).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

const COMPILE = '/usr/bin/named-compilezone';
describe.skipIf(!existsSync(COMPILE))('beside named-compilezone (skipped where it is not installed)', () => {
  it('a file as people write it, and the one that we write from it, are the same zone to BIND', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-zone-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const compile = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text);
      const out = join(folder, `${name}.out`);
      await promisify(execFile)(COMPILE, [
        '-k',
        'ignore',
        '-i',
        'none',
        '-s',
        'full',
        '-o',
        out,
        options.origin,
        join(folder, name),
      ]);
      return readFile(out, 'utf8');
    };
    // BIND takes no byte order mark, and no name outside of the zone in $ORIGIN.
    const theirs = await compile(
      'theirs',
      FILE.replace('\uFEFF', '').replace('\r', '').replace('$ORIGIN other\n', ''),
    );
    const ours = await compile('ours', writeZoneFile(loadZone(FILE, options).zone!));
    expect(ours.split('\n').sort()).toEqual(theirs.split('\n').sort());
  });
});
