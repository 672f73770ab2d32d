import { z } from 'zod';

/** The Chinese sentence of a key, beside the English one that JSON Schema carries as its description. */
export const chinese = z.registry<{ zh: string }>();

/** Gives a schema its sentence in both languages. */
export function say<T extends z.ZodType>(schema: T, en: string, zh: string): T {
  const described = schema.describe(en);
  chinese.add(described, { zh });
  return described;
}
