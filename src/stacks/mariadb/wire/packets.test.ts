import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { isEnd, nativePassword, parseComplaint, parseGreeting, parseTexts } from './packets.ts';

test('a password is scrambled so that a server, which knows only its double hash, can check it', () => {
  const scramble = Buffer.from('0123456789abcdefghij');
  const sha1 = (...parts: Buffer[]) => createHash('sha1').update(Buffer.concat(parts)).digest();
  const kept = sha1(sha1(Buffer.from('secret')));
  const token = nativePassword('secret', scramble);
  const mask = sha1(scramble, kept);
  expect(sha1(Buffer.from(token.map((byte, at) => byte ^ (mask[at] as number))))).toEqual(kept);
  expect(nativePassword('', scramble)).toHaveLength(0);
});

test('a greeting gives the version and all twenty bytes of the scramble', () => {
  const greeting = Buffer.concat([
    Buffer.from([10]),
    Buffer.from('5.5.5-10.11.19-MariaDB\0'),
    Buffer.alloc(4),
    Buffer.from('abcdefgh\0'),
    Buffer.alloc(18),
    Buffer.from('ijklmnopqrst\0'),
  ]);
  expect(parseGreeting(greeting)).toEqual({
    version: '10.11.19-MariaDB',
    scramble: Buffer.from('abcdefghijklmnopqrst'),
  });
  expect(() => parseGreeting(Buffer.from('SSH-2.0'))).toThrow('no greeting');
});

test('an error packet gives its number and its words without the state', () => {
  const packet = Buffer.concat([Buffer.from([0xff, 0x0a, 0x05]), Buffer.from('#HY000read-only')]);
  expect(parseComplaint(packet)).toEqual({ number: 1290, message: 'read-only' });
  expect(parseComplaint(Buffer.from([0]))).toBeUndefined();
});

test('texts are read in all lengths, and NULL is told from the empty one', () => {
  const long = 'x'.repeat(300);
  const head = Buffer.from([0xfc, 300 & 255, 300 >> 8]);
  const packet = Buffer.concat([Buffer.from([1, 65, 0xfb, 0]), head, Buffer.from(long)]);
  expect(parseTexts(packet)).toEqual(['A', undefined, '', long]);
  expect(isEnd(Buffer.from([0xfe, 0, 0, 2, 0]))).toBe(true);
  expect(isEnd(packet)).toBe(false);
});
