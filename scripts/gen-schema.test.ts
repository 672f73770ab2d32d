import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { renderSchema, SCHEMA_FILE } from './gen-schema.ts';

test('schema/site.schema.json is what the code says; `npm run gen` brings it up to date', () => {
  expect(readFileSync(SCHEMA_FILE, 'utf8') === renderSchema()).toBe(true);
});

const examples = readdirSync(new URL('../examples', import.meta.url));

test.each(examples)('the schema accepts the example %s', (example) => {
  const judge = z.fromJSONSchema(JSON.parse(renderSchema()));
  const file = readFileSync(new URL(`../examples/${example}/site.yaml`, import.meta.url), 'utf8');

  expect(judge.safeParse(parse(file)).error?.issues ?? []).toEqual([]);
});
