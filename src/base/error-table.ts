/**
 * What every error code means, in both languages. An error itself says what happened this time; its entry says what
 * such a failure is and what mends it, for `holdfast explain`, for the reference page, and for Chinese terminals.
 */
import type { Language } from './reason.ts';

export interface ErrorText {
  /** One sentence: what happened, and why it is not gone past. */
  readonly what: string;
  /** What to do, in general; the error's own hint knows the particular case. */
  readonly mend: string;
}

/** Entries by code, `<area>/<what>`. */
export type ErrorTable = Readonly<Record<`${string}/${string}`, Readonly<Record<Language, ErrorText>>>>;

/**
 * Keeps the codes as literals, and makes the compiler ask for both languages. The codes of an area's error class
 * derive from its table, so that a code without an entry does not compile:
 * `class StoreError extends HoldfastError<keyof typeof storeErrors> {}`.
 */
export function defineErrors<const T extends ErrorTable>(table: T): T {
  return table;
}

/** The entry of a code; undefined for a code of another version of Holdfast. */
export function findErrorText(
  code: string,
  tables: readonly ErrorTable[],
  language: Language,
): ErrorText | undefined {
  for (const table of tables) {
    const entry = (table as Readonly<Record<string, Readonly<Record<Language, ErrorText>>>>)[code];
    if (entry !== undefined) return entry[language];
  }
  return undefined;
}
