/** The JSON Schema of a site file, for editors: the frame, filled with what drivers, stacks and probes bring. */
import { z } from 'zod';
import type { Language } from '../base/reason.ts';
import type { Schema } from '../base/schema.ts';
import { chinese } from './described.ts';
import { siteFrame } from './frame.ts';
import type { SiteSchemas } from './schemas.ts';

/** A JSON Schema, as plain data. */
export type JsonSchema = { [key: string]: unknown };

/** One sentence about a member of a family, shown where an editor offers its name. */
export type Describe = (family: keyof SiteSchemas, kind: string) => string | undefined;

/** Zod's own conversion, with the sentences in the reader's language. */
function convert(schema: Schema<unknown>, language: Language): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const said = language === 'zh' ? chinese.get(zodSchema as unknown as z.ZodType)?.zh : undefined;
      if (said !== undefined) jsonSchema.description = said;
    },
  }) as JsonSchema;
}

/**
 * Draft 7, which every YAML language server understands. It accepts whatever the loader accepts; the loader refuses
 * more (references, addresses), because it can say why.
 */
export function siteJsonSchema(
  schemas: SiteSchemas,
  describe: Describe = () => undefined,
  language: Language = 'en',
): JsonSchema {
  const whole = convert(siteFrame, language);
  const definitions: JsonSchema = { ...(whole.definitions as JsonSchema) };
  const family = (name: keyof SiteSchemas, frameKeys: JsonSchema, mayBeShort: boolean): JsonSchema => {
    const kinds = [...schemas[name]].map(([kind, schema]) =>
      kindSchema(kind, convert(schema, language), frameKeys, describe(name, kind), definitions),
    );
    const short = [...schemas[name]]
      .filter(([, schema]) => schema.safeParse({}).success)
      .map(([kind]) => kind);
    return { oneOf: [...(mayBeShort && short.length > 0 ? [{ enum: short }] : []), ...kinds] };
  };
  const propertyOf = (definition: string, key: string): unknown =>
    ((definitions[definition] as JsonSchema).properties as JsonSchema)[key];
  const stack = family('stacks', { endpoint: propertyOf('stack', 'endpoint') }, false);
  const driver = family('drivers', {}, true);
  const probe = family('probes', { name: { type: 'string', minLength: 1 } }, true);
  return {
    ...whole,
    title: 'Holdfast site',
    // Keys of the author's own, to hang anchors on.
    patternProperties: { '^x-': {} },
    definitions: { ...definitions, driver, probe, stack },
  };
}

/** The settings of one kind, with `kind` and the keys of the frame beside them. */
function kindSchema(
  kind: string,
  converted: JsonSchema,
  frameKeys: JsonSchema,
  description: string | undefined,
  definitions: JsonSchema,
): JsonSchema {
  const { $schema: _, definitions: own, ...settings } = converted;
  Object.assign(definitions, own);
  return {
    ...settings,
    type: 'object',
    title: kind,
    ...(description === undefined ? {} : { description }),
    properties: {
      kind: { const: kind, ...(description === undefined ? {} : { description }) },
      ...frameKeys,
      ...(settings.properties as JsonSchema | undefined),
    },
    required: ['kind', ...((settings.required as string[] | undefined) ?? [])],
  };
}
