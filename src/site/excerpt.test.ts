import { describe, expect, test } from 'vitest';
import { excerptAt } from './excerpt.ts';
import { displayWidth } from './width.ts';

const at = (column: number, length: number, line = 1) => ({ file: 'site.yaml', line, column, length });

describe('an excerpt', () => {
  test('underlines the place', () => {
    expect(excerptAt(['kind: Sit'], at(7, 3))).toEqual({ line: 'kind: Sit', underline: '      ^^^' });
  });

  test('counts two columns for each Chinese character, before the place and in it', () => {
    expect(excerptAt(['  主节点: 十'], at(8, 1))?.underline).toBe(`${' '.repeat(10)}^^`);
  });

  test('shows a tab as two spaces and stays aligned', () => {
    expect(excerptAt(['\ta: x'], at(5, 1))).toEqual({ line: '  a: x', underline: '     ^' });
  });

  test('cuts a long line around the place', () => {
    const found = excerptAt([`${'a'.repeat(300)}X${'b'.repeat(300)}`], at(301, 1));

    expect(found?.line.length).toBeLessThanOrEqual(162);
    expect(found?.line[found.underline.indexOf('^')]).toBe('X');
  });

  test('is undefined where the file has no such line', () => {
    expect(excerptAt(['one'], at(1, 1, 2))).toBeUndefined();
  });

  test.each([
    ['password: hunter2', 'password: •••'],
    ['  a: { ansiblePass: "admin", user: x }', '  a: { ansiblePass: •••    , user: x }'],
    ['passwrd: hunter2', 'passwrd: •••'],
    ['sudo: hunter2', 'sudo: •••'],
    ['token: abc # note', 'token: ••• # note'],
    ['exec: [mysql, --password=hunter2]', 'exec: [mysql, --password=•••    ]'],
    ['url: https://bob:hunter2@host/', 'url: https://bob:•••    @host/'],
  ])('blots out the secret in %s', (line, shown) => {
    expect(excerptAt([line], at(1, 1))?.line).toBe(shown);
  });

  test('does not show how long a secret is', () => {
    expect(excerptAt(['password: hunter2'], at(11, 7))?.underline.trim()).toBe('^^^');
  });

  test.each([
    'password: env:DB',
    'sudo: nopasswd',
    'sudo: { password: file:/run/secret }',
    'secrets: [a]',
    'kind: token',
  ])('leaves %s as it is', (line) => {
    expect(excerptAt([line], at(1, 1))?.line).toBe(line);
  });
});

test('width: two columns for wide characters and emoji, none for combining marks', () => {
  expect([
    displayWidth('abc'),
    displayWidth('火种'),
    displayWidth('e\u0301'),
    displayWidth('🔥'),
    displayWidth('，'),
  ]).toEqual([3, 4, 1, 2, 2]);
});
