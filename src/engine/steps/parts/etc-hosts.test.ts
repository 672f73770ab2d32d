import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editHosts, type HostsWish, namesIn } from './etc-hosts.ts';

const nothing: HostsWish = { absent: [], entries: [] };
const without = (...absent: string[]): HostsWish => ({ ...nothing, absent });
const having = (address: string, ...names: string[]): HostsWish => ({
  ...nothing,
  entries: [{ address, names }],
});

describe('a removal', () => {
  it('takes the line of a name that stands alone', () => {
    expect(editHosts('127.0.0.1 localhost\n10.0.0.193 www.site.com\n', without('www.site.com'))).toBe(
      '127.0.0.1 localhost\n',
    );
  });

  it('keeps the other names of the line, and its blanks and comment', () => {
    const line = '  10.0.0.193\twww.site.com  registry.site.com files # 引导节点 www.site.com\n';
    expect(editHosts(line, without('www.site.com'))).toBe(
      '  10.0.0.193  registry.site.com files # 引导节点 www.site.com\n',
    );
    expect(editHosts(line, without('files'))).toBe(
      '  10.0.0.193\twww.site.com  registry.site.com # 引导节点 www.site.com\n',
    );
  });

  it('finds the name on every line, in any case, with a final dot, and twice on one line', () => {
    const text = '10.0.0.1 WWW.site.com. a\nfe80::1%eth0 b www.Site.com www.site.com\n';
    expect(editHosts(text, without('www.site.com'))).toBe('10.0.0.1 a\nfe80::1%eth0 b\n');
  });

  it('keeps the comment of a line that loses its last name', () => {
    expect(editHosts('10.0.0.1 www.site.com # by dce5-installer\n', without('www.site.com'))).toBe(
      '# by dce5-installer\n',
    );
  });

  it('does not take longer names, other names of the domain, or commented lines', () => {
    const text = '10.0.0.1 www.site.com.cn xwww.site.com www-site.com\n#10.0.0.1 www.site.com\n';
    expect(editHosts(text, without('www.site.com'))).toBe(text);
  });

  it('leaves line ends as they are, and a last line without one', () => {
    const text = '10.0.0.1 a www.site.com\r\n10.0.0.2 b\n10.0.0.3 c';
    expect(editHosts(text, without('www.site.com'))).toBe('10.0.0.1 a\r\n10.0.0.2 b\n10.0.0.3 c');
  });
});

describe('an entry', () => {
  it('is added at the end, after a line end where there is none', () => {
    expect(editHosts('127.0.0.1 localhost', having('10.0.0.1', 'a', 'b'))).toBe(
      '127.0.0.1 localhost\n10.0.0.1\ta b\n',
    );
    expect(editHosts('', having('10.0.0.1', 'a'))).toBe('10.0.0.1\ta\n');
    expect(editHosts('127.0.0.1 localhost\r\n', having('10.0.0.1', 'a'))).toBe(
      '127.0.0.1 localhost\r\n10.0.0.1\ta\r\n',
    );
  });

  it('is left where it is, in whatever spelling', () => {
    const text = '10.0.0.1 a # first\n2001:DB8:0::1 A\n';
    expect(editHosts(text, having('10.0.0.1', 'a'))).toBe(text);
    expect(editHosts(text, having('2001:db8::1', 'a'))).toBe(text);
  });

  it('adds only the names that are missing', () => {
    expect(editHosts('10.0.0.1 a c\n', having('10.0.0.1', 'a', 'b'))).toBe('10.0.0.1 a c\n10.0.0.1\tb\n');
  });

  it('takes the name from another address of its family, not from the other family', () => {
    const text = '10.0.0.9 a other\n::1 a\n';
    expect(editHosts(text, having('10.0.0.1', 'a'))).toBe('10.0.0.9 other\n::1 a\n10.0.0.1\ta\n');
  });
});

const word = fc.constantFrom('a', 'b', 'www.site.com', 'WWW.site.com', 'www.site.com.', 'x#y');
const blank = fc.constantFrom(' ', '\t', '  ');
const line = fc.oneof(
  fc.constantFrom('', '# www.site.com', '   ', '\t#'),
  fc
    .tuple(
      fc.constantFrom('10.0.0.1', '10.0.0.2', '::1'),
      fc.array(fc.tuple(blank, word), { maxLength: 5 }),
      fc.constantFrom('', ' # c'),
    )
    .map(([address, words, comment]) => address + words.flat().join('') + comment),
);
const hostsText = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\r\n')))
  .map((lines) => lines.flat().join(''));

describe('any file', () => {
  it('has what was wished after one edit, and a second edit changes nothing', () => {
    fc.assert(
      fc.property(hostsText, (text) => {
        const wish: HostsWish = {
          absent: ['www.site.com'],
          entries: [{ address: '10.0.0.2', names: ['a'] }],
        };
        const edited = editHosts(text, wish);
        const names = namesIn(edited);
        expect(names.filter(([, name]) => name === 'www.site.com')).toEqual([]);
        expect(names.filter(([address, name]) => name === 'a' && !address.includes(':'))).not.toEqual([]);
        expect(names.filter(([address, name]) => name === 'a' && address === '10.0.0.1')).toEqual([]);
        expect(editHosts(edited, wish)).toBe(edited);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps every other name with its address, in order, and every comment', () => {
    fc.assert(
      fc.property(hostsText, (text) => {
        const edited = editHosts(text, without('www.site.com'));
        const others = (all: [string, string][]): [string, string][] =>
          all.filter(([, name]) => name !== 'www.site.com');
        expect(namesIn(edited)).toEqual(others(namesIn(text)));
        const comments = (from: string): string[] => from.match(/#.*/g) ?? [];
        expect(comments(edited)).toEqual(comments(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the same text where nothing is wished', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(editHosts(text, nothing)).toBe(text);
      }),
    );
  });
});
