import { expect, test } from 'vitest';
import { widthOf, wrap } from './width.ts';

test('a short text stays as it is', () => {
  expect(wrap('put /etc/hosts in place', 40)).toEqual(['put /etc/hosts in place']);
});

test('a long one breaks at a blank near the end of the line, and loses nothing else', () => {
  expect(wrap('after base/one/packages and base/one/file', 30)).toEqual([
    'after base/one/packages and',
    'base/one/file',
  ]);
});

test('without a blank it breaks anywhere', () => {
  expect(wrap('0123456789abcdef', 10)).toEqual(['0123456789', 'abcdef']);
});

test('a Chinese character takes two cells and is never cut', () => {
  const lines = wrap('欢迎使用本平台：请勿手工修改', 9);
  expect(lines.join('')).toBe('欢迎使用本平台：请勿手工修改');
  expect(Math.max(...lines.map(widthOf))).toBe(8);
});

test('a colour ends with its line and goes on in the next', () => {
  expect(wrap('\u001b[32m+0123456789\u001b[0m', 6)).toEqual([
    '\u001b[32m+01234\u001b[0m',
    '\u001b[32m56789\u001b[0m',
  ]);
});
