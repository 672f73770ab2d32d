import { describe, expect, it } from 'vitest';
import { renderReason } from '../base/reason.ts';
import { buildZone, makeZone } from './build-zone.ts';
import { dnsReasons } from './reasons.ts';
import { dnsRecord } from './record.ts';
import { compareSerials, isNewerSerial, nextSerial } from './serial.ts';

const soa = dnsRecord('example.', 60, 'SOA', 'ns.example. hostmaster.example. 7 2 3 4 5');
const ns = dnsRecord('example.', 60, 'NS', 'ns.example.');
const glue = dnsRecord('ns.example.', 60, 'A', '192.0.2.1');
const whole = [soa, ns, glue];

function findings(...records: Parameters<typeof dnsRecord>[]): string[] {
  const built = buildZone('example', [...whole, ...records.map((record) => dnsRecord(...record))]);
  return built.findings.map(
    ({ severity, because }) => `${severity}: ${renderReason(because, [dnsReasons], 'en')}`,
  );
}

describe('a zone', () => {
  it('knows the names between its records, which have none', () => {
    const zone = makeZone('example', [...whole, dnsRecord('a.b.c.Example.', 1, 'A', '192.0.2.2')]);
    expect([...zone.nodes.values()].map(({ name, sets }) => [name.toString(), sets.size])).toEqual([
      ['example.', 2],
      ['ns.example.', 1],
      ['a.b.c.Example.', 1],
      ['b.c.Example.', 0],
      ['c.Example.', 0],
    ]);
    expect(zone).toMatchObject({ serial: 7, recordCount: 4, negativeSoa: { ttl: 5 } });
  });

  it('drops duplicates and uses the smallest TTL of a set', () => {
    const { zone } = buildZone('example', [...whole, glue, dnsRecord('NS.example.', 9, 'A', '192.0.2.2')]);
    expect(zone?.nodes.get(glue.name.key)?.sets.get(1)).toMatchObject({ ttl: 9, rdatas: { length: 2 } });
  });

  it.each([
    [
      'error: a.example. has a CNAME record and others (A)',
      ['a.example.', 1, 'CNAME', 'b.'],
      ['a.example.', 1, 'A', '192.0.2.2'],
    ],
    [
      'error: a.example. has 2 CNAME records',
      ['a.example.', 1, 'CNAME', 'b.'],
      ['a.example.', 1, 'CNAME', 'c.'],
    ],
    ['error: www.other. lies outside the zone example.', ['www.other.', 1, 'A', '192.0.2.2']],
    [
      'error: a.example. has an SOA record, but the zone is example.',
      ['a.example.', 1, 'SOA', '. . 1 2 3 4 5'],
    ],
    ['error: the zone example. has 2 SOA records', ['example.', 60, 'SOA', '. . 1 2 3 4 5']],
    [
      'error: a.d.example. lies below the DNAME record of d.example.',
      ['d.example.', 1, 'DNAME', 'x.'],
      ['a.d.example.', 1, 'A', '192.0.2.2'],
    ],
    [
      'error: the server ns2.example. of example. has no address in the zone',
      ['example.', 60, 'NS', 'ns2.example.'],
    ],
    [
      'error: the NS record of example. points at a.example., which is an alias',
      ['example.', 60, 'NS', 'a.example.'],
      ['a.example.', 1, 'CNAME', 'ns'],
    ],
    [
      'error: the server ns.sub.example. of sub.example. has no address in the zone',
      ['sub.example.', 1, 'NS', 'ns.sub.example.'],
    ],
    [
      'warning: the server mail.example. of example. has no address in the zone',
      ['example.', 1, 'MX', '1 mail.example.'],
    ],
    [
      'warning: the A records of ns.example. have different TTLs; 9 is used',
      ['ns.example.', 9, 'A', '192.0.2.2'],
    ],
  ] as [string, ...Parameters<typeof dnsRecord>[]][])('%s', (expected, ...records) => {
    expect(findings(...records)).toEqual([expected]);
  });

  it('has no quarrel with glue, wildcards, other zones and targets that are none', () => {
    expect(
      findings(
        ...([
          ['sub.example.', 1, 'NS', 'ns.sub.example.'],
          ['ns.sub.example.', 1, 'A', '192.0.2.3'],
          ['sub2.example.', 1, 'NS', 'ns.elsewhere.'],
          ['example.', 1, 'MX', '1 mail.sub2.example.'],
          ['nomail.example.', 1, 'MX', '0 .'],
          ['*.w.example.', 1, 'A', '192.0.2.4'],
          ['m.example.', 1, 'MX', '1 any.w.example.'],
        ] as Parameters<typeof dnsRecord>[]),
      ),
    ).toEqual([]);
  });

  it('that a program made wrongly is thrown back with every error', () => {
    expect(() => makeZone('example', [glue])).toThrow(
      expect.objectContaining({
        code: 'dns/bad-zone',
        got: 'the zone example. has no SOA record; the zone example. has no NS record',
      }),
    );
  });
});

describe('a serial', () => {
  it.each([
    [1, 0, 1],
    [0, 1, -1],
    [44, 44, 0],
    [0, 0xffffffff, 1],
    [100, 0xffffff00, 1],
    [0x7fffffff, 0, 1],
    [0x80000000, 0, undefined],
    [0x80000001, 0, -1],
  ])('%i against %i is %s (RFC 1982)', (a, b, expected) => {
    expect(compareSerials(a, b)).toBe(expected);
    expect(isNewerSerial(a, b)).toBe(expected === 1);
  });

  it('counts on, over its end, and never to 0', () => {
    expect(nextSerial(7, { style: 'count' })).toBe(8);
    expect(nextSerial(0xffffffff, { style: 'count' })).toBe(1);
  });

  it('by date starts at the day, counts within it, and never goes back', () => {
    const nowMs = Date.UTC(2026, 2, 1, 12);
    expect(nextSerial(20190810, { style: 'date', nowMs })).toBe(2026030100);
    expect(nextSerial(2026030100, { style: 'date', nowMs })).toBe(2026030101);
    expect(nextSerial(2026030199, { style: 'date', nowMs })).toBe(2026030200);
    expect(nextSerial(2027010100, { style: 'date', nowMs })).toBe(2027010101);
  });
});
