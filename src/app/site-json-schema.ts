import { type JsonSchema, siteJsonSchema } from '../site/json-schema.ts';
import { type Catalog, makeCatalog } from './catalog.ts';

/** The JSON Schema of a site file with every driver, stack and probe: what `schema/site.schema.json` holds. */
export function catalogJsonSchema(catalog: Catalog = makeCatalog()): JsonSchema {
  const { drivers, stacks } = catalog.known;
  const { siteSchemas, probeKinds } = catalog;
  return siteJsonSchema(siteSchemas, (family, kind) => {
    const member = { drivers, stacks, probes: probeKinds }[family].find(kind);
    return member?.summary.en;
  });
}
