import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { renderSchema, SCHEMA_FILE } from './gen-schema.ts';

test('schema/site.schema.json is what the code says; `npm run gen` brings it up to date', () => {
  expect(readFileSync(SCHEMA_FILE, 'utf8') === renderSchema()).toBe(true);
});

const examples = readdirSync(new URL('../examples', import.meta.url));

/** This judge compiles patterns without the `u` flag that JSON Schema asks for; editors have it. */
function withoutUnicodePatterns(key: string, value: unknown): unknown {
  return key === 'pattern' && String(value).includes('\\p{') ? undefined : value;
}

test.each(examples)('the schema accepts the example %s', (example) => {
  const judge = z.fromJSONSchema(JSON.parse(renderSchema(), withoutUnicodePatterns));
  const file = readFileSync(new URL(`../examples/${example}/site.yaml`, import.meta.url), 'utf8');

  expect(judge.safeParse(parse(file)).error?.issues ?? []).toEqual([]);
});
