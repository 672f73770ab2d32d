/** Writes the reference pages that follow from the code: the site file, the rules and the errors, in both languages. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { makeCatalog } from '../src/app/catalog.ts';
import { catalogJsonSchema } from '../src/app/site-json-schema.ts';
import type { Language } from '../src/base/reason.ts';
import { allErrorTables } from '../src/cli/error-tables.ts';
import { builtInChecks } from '../src/site/documented.ts';
import type { JsonSchema } from '../src/site/json-schema.ts';
import { errorsPage } from './reference/errors-page.ts';
import { rulesPage } from './reference/rules-page.ts';
import { sitePage } from './reference/site-page.ts';

/** Every page by its path in the repository. */
export function renderReference(): ReadonlyMap<string, string> {
  const catalog = makeCatalog();
  const checks = [...builtInChecks, ...catalog.rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  const schema = (language: Language): JsonSchema => catalogJsonSchema(language, catalog);
  return new Map([
    ['docs/reference/site.md', sitePage(schema('en'), 'en')],
    ['docs/reference/rules.md', rulesPage(checks, 'en')],
    ['docs/reference/errors.md', errorsPage(allErrorTables, 'en')],
    ['docs/zh/reference/site.md', sitePage(schema('zh'), 'zh')],
    ['docs/zh/reference/rules.md', rulesPage(checks, 'zh')],
    ['docs/zh/reference/errors.md', errorsPage(allErrorTables, 'zh')],
  ]);
}

if (process.argv[1] === import.meta.filename) {
  for (const [path, text] of renderReference()) {
    const file = resolve(import.meta.dirname, '..', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${path}`);
  }
}
