import { describe, expect, test } from 'vitest';
import { formatBytes } from '../../../base/bytes.ts';
import { renderReason } from '../../../base/reason.ts';
import { decide, describeItems, type Item } from './difference.ts';
import { syncReasons } from './reasons.ts';

const conflict: Item = { name: 'app:v1', state: 'conflict', wanted: 'new', found: 'old', sizeBytes: 2_048 };
const names = (items: readonly Item[]): string[] => items.map(({ name }) => name);

describe('what is to become of a thing that differs', () => {
  test('is copied where it is missing or not whole, and left out where the source has not all of it', () => {
    const items: Item[] = [
      { name: 'a', state: 'missing', wanted: 'x', sizeBytes: 1 },
      { name: 'b', state: 'incomplete', wanted: 'x', found: 'x', sizeBytes: 1, parts: ['p'] },
      { name: 'c', state: 'broken', wanted: 'x', sizeBytes: 0, parts: ['p'] },
    ];
    const { chosen, broken, undecided } = decide(items, {}, 'standby');
    expect([names(chosen), names(broken), undecided]).toEqual([['a', 'b'], ['c'], []]);
  });

  test.each([
    [{}, 'undecided'],
    [{ '*': 'standby' }, 'chosen'],
    [{ '*': 'original' }, 'kept'],
    [{ '*': 'neither' }, 'kept'],
    [{ '*': 'original', 'app:v1': 'standby' }, 'chosen'],
    [{ '*': 'standby', 'app:v1': 'neither' }, 'kept'],
    [{ 'other:v1': 'standby' }, 'undecided'],
  ] as const)('in a conflict with --prefer %j from standby: %s', (prefer, where) => {
    const decided = decide([conflict], prefer, 'standby');
    for (const list of ['undecided', 'chosen', 'kept'] as const)
      expect([list, decided[list].length]).toEqual([list, list === where ? 1 : 0]);
  });

  test.each([
    ['standby', 'en', '~ app:v1  old → new  2.00 KiB'],
    ['standby', 'zh', '~ app:v1  old → new  2.00 KiB'],
    ['neither', 'en', '= app:v1  kept: old (there: new)'],
    ['neither', 'zh', '= app:v1  保留：old（来源上为：new）'],
  ] as const)(
    'with --prefer %s is shown in %s with the old content and the new',
    (prefer, language, line) => {
      const lines = describeItems(decide([conflict], { '*': prefer }, 'standby'));
      expect(lines.map((each) => renderReason(each, [syncReasons], language))).toEqual([line]);
    },
  );
});

test.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_536, '1.50 KiB'],
  [123 * 1_048_576, '123 MiB'],
  [5 * 1_024 ** 4, '5.00 TiB'],
])('%d bytes are written %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
