import type { Language } from '../base/reason.ts';
import { type JsonSchema, siteJsonSchema } from '../site/json-schema.ts';
import { type Catalog, makeCatalog } from './catalog.ts';

/** The JSON Schema of a site file with every driver, stack and probe: what `schema/site.schema.json` holds. */
export function catalogJsonSchema(language: Language = 'en', catalog: Catalog = makeCatalog()): JsonSchema {
  const { drivers, stacks } = catalog.known;
  const { siteSchemas, probeKinds } = catalog;
  const families = { drivers, stacks, probes: probeKinds };
  return siteJsonSchema(
    siteSchemas,
    (family, kind) => families[family].find(kind)?.summary[language],
    language,
  );
}
