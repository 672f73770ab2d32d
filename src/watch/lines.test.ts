import { expect, test } from 'vitest';
import { createLineCutter } from './lines.ts';

test('lines are cut wherever the chunks end, inside a character too', () => {
  const bytes = Buffer.from('{"a":1}\n登记处\n\nlast');
  for (let size = 1; size <= bytes.length; size++) {
    const cutter = createLineCutter(100);
    const lines: string[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      lines.push(...(cutter.add(bytes.subarray(at, at + size)) ?? []));
    }
    expect(lines).toEqual(['{"a":1}', '登记处', '']);
  }
});

test('a line over the limit ends the cutting, whether it has ended or not', () => {
  expect(createLineCutter(3).add(Buffer.from('abcd\n'))).toBeUndefined();
  const cutter = createLineCutter(3);
  expect(cutter.add(Buffer.from('ab'))).toEqual([]);
  expect(cutter.add(Buffer.from('cd'))).toBeUndefined();
  expect(createLineCutter(3).add(Buffer.from('abc\nabc\n'))).toEqual(['abc', 'abc']);
});
