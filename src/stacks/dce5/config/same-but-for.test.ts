import { describe, expect, test } from 'vitest';
import { sameButFor } from './same-but-for.ts';

const fields = [{ path: ['a', 'b'], value: 'new' }];
const say = (before: string, after: string) => sameButFor(before, after, fields);

describe('what an edit changed beside its fields', () => {
  test('is nothing where only they and the layout changed', () => {
    expect(say('a: {b: old, c: [1, x]} # ours\n', 'a:\n  b: "new"\n  c: [ 1, x ]\n')).toBeUndefined();
    expect(say('a:\nd: 1\n', 'a:\n  b: new\nd: 1\n')).toBeUndefined();
  });

  test.each([
    ['a number written in another way', 'a: {b: x}\nd: 0012', 'a: {b: new}\nd: 12', 'd'],
    ['a number that became a text', 'a: {b: x}\nd: 1', 'a: {b: new}\nd: "1"', 'd'],
    ['a value that is gone', 'a: {b: x}\nd: [1, 2]', 'a: {b: new}\nd: [1]', 'd.1'],
    ['a value that came', 'a: {b: x}', 'a: {b: new, e: 1}', 'a.e'],
    ['a parent that was a value', 'a: x', 'a: {b: new}', 'a'],
    ['an alias that was written out', 'd: &d 1\ne: *d\na: {b: x}', 'd: &d 1\ne: 1\na: {b: new}', 'e'],
    ['a field without its value', 'a: {b: x}', 'a: {b: x}', 'a.b'],
    ['everything, where it is no YAML any more', 'a: {b: x}', 'a: {b: new', 'no YAML after the edit'],
  ])('is %s', (_what, before, after, changed) => {
    expect(say(before, after)).toBe(changed);
  });
});
