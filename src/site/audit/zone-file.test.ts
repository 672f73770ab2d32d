import { describe, expect, test } from 'vitest';
import { parseZoneFile, zoneTtlMs } from './zone-file.ts';

const parse = (text: string, origin?: string) => parseZoneFile('z', text, origin);
const said = (text: string, origin = 'example.com') =>
  parse(text, origin).records.map(
    ({ name, type, ttlMs, data }) => `${name} ${ttlMs / 1_000} ${type} ${data.join(' ')}`,
  );

describe('a zone file', () => {
  test('gives each record its full name, its TTL and the full names in its data', () => {
    expect(
      said(
        '$TTL 1D\n@ IN SOA ns hostmaster 1 2 3 4 5\n  NS ns\nns 300 IN A 10.0.0.1\nwww IN 1h CNAME ns.other.org.\n',
      ),
    ).toEqual([
      'example.com 86400 SOA ns.example.com hostmaster.example.com 1 2 3 4 5',
      'example.com 86400 NS ns.example.com',
      'ns.example.com 300 A 10.0.0.1',
      'www.example.com 3600 CNAME ns.other.org',
    ]);
  });

  test('may spread a record over lines, with comments and quotes', () => {
    expect(said('@ SOA ns h ( 1 ; serial\n\t2 3\r\n 4 5 ) ; done\nt TXT "a ; b (" c\n')).toEqual([
      'example.com 5 SOA ns.example.com h.example.com 1 2 3 4 5',
      't.example.com 5 TXT "a ; b (" c',
    ]);
  });

  test('changes its origin on the way', () => {
    expect(
      said('a A 10.0.0.1\n$ORIGIN sub\nb A 10.0.0.2\n$ORIGIN other.org.\nc A 10.0.0.3\n').map(
        (line) => line.split(' ')[0],
      ),
    ).toEqual(['a.example.com', 'b.sub.example.com', 'c.other.org']);
  });

  test('tells its own name by an absolute $ORIGIN or SOA owner, and otherwise not', () => {
    expect(parse('$ORIGIN Example.COM.\n@ SOA ns h 1 2 3 4 5\n').origin).toBe('example.com');
    expect(parse('example.com. IN SOA ns h 1 2 3 4 5\n').origin).toBe('example.com');
    expect(parse('@ IN SOA ns.example.com. h 1 2 3 4 5\n').origin).toBe('');
  });

  test('keeps the place of every word', () => {
    const [, record] = parse('$TTL 1D\n@ SOA a b 1 2 3 4 5\nwww  IN A\t10.0.0.1\n', 'x.org').records;

    expect(record?.position).toEqual({ file: 'z', line: 3, column: 1, length: 3 });
    expect(record?.dataAt[0]).toEqual({ file: 'z', line: 3, column: 11, length: 8 });
    expect(record?.ttlAt).toMatchObject({ line: 1, column: 6 });
  });

  test('passes over what it does not understand', () => {
    expect(said('$INCLUDE other\nwhat is this\n)\na A 10.0.0.1\n$TTL soon\n"open\n')).toEqual([
      'a.example.com 0 A 10.0.0.1',
    ]);
  });

  test('a type may be the name of an owner', () => {
    expect(said('a A 10.0.0.1\nns A 10.0.0.2\n A 10.0.0.3\n')).toEqual([
      'a.example.com 0 A 10.0.0.1',
      'ns.example.com 0 A 10.0.0.2',
      'ns.example.com 0 A 10.0.0.3',
    ]);
  });
});

test('TTLs are seconds, or numbers with units', () => {
  expect(['300', '1D', '1h30m', '2W', '5x', '', 'D1'].map(zoneTtlMs)).toEqual([
    300_000,
    86_400_000,
    5_400_000,
    1_209_600_000,
    undefined,
    undefined,
    undefined,
  ]);
});
