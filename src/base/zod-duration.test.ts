import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { durationSchema } from './zod-duration.ts';

describe('a duration in a file', () => {
  test('is text with a unit, and becomes milliseconds', () => {
    expect(durationSchema().parse('250ms')).toBe(250);
    expect(durationSchema().parse('1h30m')).toBe(5_400_000);
  });

  test('is refused as a bare number, and the message says what is missing', () => {
    const { error } = durationSchema().safeParse(5);
    expect(error?.issues[0]?.message).toContain('the number 5 without a unit');
    expect(error?.issues[0]?.message).toContain('250ms');
  });

  test('is refused with an unknown unit, showing what was written', () => {
    expect(durationSchema().safeParse('5 minutes').error?.issues[0]?.message).toContain("'5 minutes'");
  });

  test('keeps within its bounds, both inclusive, and names the bound that was passed', () => {
    const schema = durationSchema({ minMs: 100, maxMs: 2_000 });
    expect(schema.parse('100ms')).toBe(100);
    expect(schema.parse('2s')).toBe(2_000);
    expect(schema.safeParse('50ms').error?.issues[0]?.message).toBe('expected at least 100ms, got 50ms');
    expect(schema.safeParse('1m').error?.issues[0]?.message).toBe('expected at most 2s, got 1m');
  });

  test('takes a default as text and shows itself as a string with a pattern in JSON Schema', () => {
    const schema = z.strictObject({ every: durationSchema().prefault('2s').describe('how often') });
    expect(schema.parse({})).toEqual({ every: 2_000 });
    const json = z.toJSONSchema(schema, { io: 'input' });
    expect(json.properties?.every).toMatchObject({ type: 'string', default: '2s', description: 'how often' });
  });
});
