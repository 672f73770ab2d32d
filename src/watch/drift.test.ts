import { expect, test } from 'vitest';
import { driftOf } from './drift.ts';

const because = { code: 'test', params: {} };
const answer = { members: ['a', 'b'], ttlMs: 1, epoch: 1, because };
const evidence = { asked: '', got: '', at: 0, tookMs: 0 };

function drift(
  members: string[],
  strangers: string[] = [],
  policy: 'all-healthy' | 'weighted' = 'all-healthy',
) {
  return driftOf(answer, { members, strangers, evidence }, policy)?.code;
}

test('the same members are no drift, in whatever order', () => {
  expect(drift(['b', 'a'])).toBeUndefined();
});

test('a member too few, too many or none, and an address that is no member, are drift', () => {
  expect(drift(['a'])).toBe('watch/drift-members');
  expect(drift(['a', 'b', 'c'])).toBe('watch/drift-members');
  expect(drift([])).toBe('watch/drift-members');
  expect(drift(['a', 'b'], ['192.0.2.9'])).toBe('watch/drift-strangers');
});

test('under weighted a part of the members at a time is no drift, another member is', () => {
  expect(drift(['a'], [], 'weighted')).toBeUndefined();
  expect(drift(['c'], [], 'weighted')).toBe('watch/drift-members');
  expect(drift([], [], 'weighted')).toBe('watch/drift-members');
});
