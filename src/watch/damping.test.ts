import { expect, test } from 'vitest';
import {
  isSuppressed,
  penalise,
  penaltyAt,
  defaultDamping as policy,
  reuseInMs,
  undamped,
} from './damping.ts';

test('a fall adds one point, which halves with every half-life', () => {
  const once = penalise(undamped, 1_000, policy);
  expect(once).toEqual({ penalty: 1, atMs: 1_000, suppressed: false });
  expect(penaltyAt(once, 301_000, policy)).toBeCloseTo(0.5);
  expect(penaltyAt(once, 601_000, policy)).toBeCloseTo(0.25);
});

test('a third fall within three minutes suppresses, three falls over a quarter of an hour do not', () => {
  const quick = [0, 60_000, 150_000].reduce((damping, atMs) => penalise(damping, atMs, policy), undamped);
  expect(isSuppressed(quick, 150_000, policy)).toBe(true);
  const slow = [0, 450_000, 900_000].reduce((damping, atMs) => penalise(damping, atMs, policy), undamped);
  expect(isSuppressed(slow, 900_000, policy)).toBe(false);
});

test('suppression ends at the lower level, not at the one where it began', () => {
  const damping = { penalty: 2.6, atMs: 0, suppressed: true };
  expect(isSuppressed(damping, 120_000, policy)).toBe(true);
  const inMs = reuseInMs(damping, 0, policy);
  expect(isSuppressed(damping, inMs - 1, policy)).toBe(true);
  expect(isSuppressed(damping, inMs + 1, policy)).toBe(false);
});

test('however often a member falls, it is used again ten minutes after its last fall', () => {
  let damping = undamped;
  for (let n = 0; n < 1_000; n++) damping = penalise(damping, n, policy);
  expect(damping.penalty).toBe(policy.ceiling);
  expect(isSuppressed(damping, 999 + 599_000, policy)).toBe(true);
  expect(isSuppressed(damping, 999 + 600_001, policy)).toBe(false);
});

test('a clock that goes back does not make the penalty grow', () => {
  const damping = penalise(undamped, 5_000, policy);
  expect(penaltyAt(damping, 0, policy)).toBe(1);
});
