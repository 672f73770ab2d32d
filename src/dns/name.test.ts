import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyIsAtOrUnder, Name, parseName, ROOT, readName, skipName } from './name.ts';

const label = fc.uint8Array({ minLength: 1, maxLength: 20 });
const anyName = fc
  .array(label, { maxLength: 6 })
  .map((labels) => new Name(Buffer.concat([...labels.flatMap((l) => [Buffer.of(l.length), l]), ROOT.wire])));

describe('a domain name', () => {
  it('is read from text, absolute with or without the final dot', () => {
    expect(parseName('www.Example.com').toString()).toBe('www.Example.com.');
    expect(parseName('www.Example.com.').toString()).toBe('www.Example.com.');
    expect([...parseName('a.bc.').wire]).toEqual([1, 97, 2, 98, 99, 0]);
    expect(parseName('.')).toBe(ROOT);
  });

  it('is taken below an origin where it is relative', () => {
    expect(parseName('www', parseName('example.com')).toString()).toBe('www.example.com.');
    expect(parseName('www.', parseName('example.com')).toString()).toBe('www.');
  });

  it('ignores case of ASCII letters when compared, and keeps it when printed', () => {
    expect(parseName('WwW.example').equals(parseName('www.EXAMPLE'))).toBe(true);
    expect(parseName('WwW.example').toString()).toBe('WwW.example.');
    expect(parseName('\\200').equals(parseName('\\232'))).toBe(false);
  });

  it('understands escapes and prints what it would read again, for any bytes', () => {
    expect(parseName('a\\.b.c').labelCount).toBe(2);
    expect(parseName('\\065').toString()).toBe('A.');
    fc.assert(
      fc.property(anyName, (name) => {
        expect(Buffer.from(parseName(name.toString()).wire)).toEqual(Buffer.from(name.wire));
      }),
    );
  });

  it.each([
    ['', 'nothing'],
    ['a..b', 'a..b'],
    ['.a', '.a'],
    [`${'a'.repeat(64)}.b`, 'aaaa'],
    [`${'a.'.repeat(128)}`, 'a.a.'],
    ['a b', 'a b'],
    ['\\256', '256'],
    ['a\\', 'a\\'],
    ['域名.example', '域名'],
  ])('refuses %j and says what it got', (text, got) => {
    expect(() => parseName(text)).toThrow(
      expect.objectContaining({ code: 'dns/bad-name', got: expect.stringContaining(got) }),
    );
  });

  it('takes labels of 63 and names of 255 bytes, and no more', () => {
    expect(parseName('a'.repeat(63)).wire).toHaveLength(65);
    expect(parseName('a.'.repeat(127)).wire).toHaveLength(255);
    expect(() => parseName('a.'.repeat(126)).child('ab')).toThrow('no domain name');
  });

  it('is below another only at a label boundary', () => {
    const inside = parseName('a\\007example.com');
    expect(inside.isAtOrUnder(parseName('example.com'))).toBe(false);
    expect(parseName('a.Example.com').isAtOrUnder(parseName('example.COM'))).toBe(true);
    expect(parseName('example.com').isAtOrUnder(parseName('a.example.com'))).toBe(false);
    expect(parseName('com').isAtOrUnder(ROOT)).toBe(true);
    expect(keyIsAtOrUnder('\0', '\x03com\0')).toBe(false);
  });

  it('knows its parent and its children', () => {
    expect(parseName('a.b').parent?.toString()).toBe('b.');
    expect(ROOT.parent).toBeUndefined();
    expect(parseName('b').child('*').isWildcard).toBe(true);
  });
});

describe('a name in a packet', () => {
  it('is read through compression pointers', () => {
    const packet = Buffer.from('\x03com\0\x07example\xc0\x00\x03www\xc0\x05', 'latin1');
    expect(readName(packet, 15)).toMatchObject({ next: 21 });
    expect(readName(packet, 15).name.toString()).toBe('www.example.com.');
    expect(skipName(packet, 15)).toBe(21);
  });

  it.each([
    ['a pointer to itself', [0xc0, 0], 0, 'does not point back'],
    ['two pointers at each other', [0xc0, 2, 0xc0, 0], 2, 'does not point back'],
    ['a label before a pointer to that label', [1, 97, 0xc0, 0], 0, 'does not point back'],
    ['a pointer forward', [0xc0, 4, 0, 0, 0], 0, 'does not point back'],
    ['half a pointer', [0xc0], 0, 'ends inside'],
    ['half a label', [5, 97], 0, 'ends inside'],
    ['no end', [1, 97], 0, 'ends inside'],
    ['a label of 64 bytes', [64, ...Array(70).fill(97)], 0, 'unknown kind'],
    ['a name of 256 bytes', [...Array(128).fill([1, 97]).flat(), 0], 0, '255 bytes'],
  ])('is refused where it has %s', (_what, bytes, offset, message) => {
    expect(() => readName(Uint8Array.from(bytes), offset)).toThrow(message);
  });
});
