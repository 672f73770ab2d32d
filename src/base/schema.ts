import type { ZodType } from 'zod';

/** A shape that can parse foreign data, and from which JSON Schema, flags and reference pages come (zod 4). */
export type Schema<T> = ZodType<T>;
