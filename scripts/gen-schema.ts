/** Writes schema/site.schema.json, which the first line of a site file points editors to. `npm run gen` calls it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { catalogJsonSchema } from '../src/app/site-json-schema.ts';

/** Where it is checked in. */
export const SCHEMA_FILE = resolve(import.meta.dirname, '../schema/site.schema.json');

/** The text of the file, as it must be. */
export function renderSchema(): string {
  return `${JSON.stringify(catalogJsonSchema(), null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  mkdirSync(dirname(SCHEMA_FILE), { recursive: true });
  writeFileSync(SCHEMA_FILE, renderSchema());
  console.log(`wrote ${SCHEMA_FILE}`);
}
