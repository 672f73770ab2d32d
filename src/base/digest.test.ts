import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digestOf } from './digest.ts';
import { formatDuration, parseDuration } from './duration.ts';

describe('digestOf', () => {
  it('does not depend on the order of keys, at any depth', () => {
    expect(digestOf({ a: 1, b: { c: 2, d: [3] } })).toBe(digestOf({ b: { d: [3], c: 2 }, a: 1 }));
  });

  it('depends on the order of a list and on every value', () => {
    expect(digestOf([1, 2])).not.toBe(digestOf([2, 1]));
    expect(digestOf({ a: 1 })).not.toBe(digestOf({ a: '1' }));
  });

  it('reads a Map as an object and drops what is undefined', () => {
    expect(
      canonicalJson({
        hosts: new Map([
          ['b', 1],
          ['a', 2],
        ]),
        gone: undefined,
      }),
    ).toBe('{"hosts":{"a":2,"b":1}}');
  });
});

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['2s', 2_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['1d', 86_400_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '5', 's', '-1s', '1 s', '1sec', '5x', '1s2'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('reads back what formatDuration writes, for whole seconds under an hour', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 3_599 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1_000))).toBe(seconds * 1_000);
      }),
    );
  });
});
