import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { factKinds } from './registry.ts';

const notFacts = new Set(['registry', 'gather', 'round-trip']);

it('has every fact of this folder, named for its file, with cases', () => {
  const files = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.replace('.ts', ''))
    .filter((name) => !notFacts.has(name));
  expect([...factKinds.names].sort()).toEqual(files.sort());
  for (const name of factKinds.names) {
    expect([name, existsSync(join(import.meta.dirname, 'cases', `${name}.yaml`))]).toEqual([name, true]);
  }
});
