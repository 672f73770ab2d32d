import type { Schema } from '../base/schema.ts';

/** The schemas that families bring to the site file, by name; passed in by `app/catalog.ts` (DESIGN §5). */
export interface SiteSchemas {
  readonly drivers: ReadonlyMap<string, Schema<unknown>>;
  readonly stacks: ReadonlyMap<string, Schema<unknown>>;
  readonly probes: ReadonlyMap<string, Schema<unknown>>;
}
