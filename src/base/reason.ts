/**
 * Reasons as data. Every decision, skip, refusal and answer carries one; the sentences live with the family
 * member that gives them, in both languages, and one place renders them (DESIGN §8).
 */
export interface Reason {
  readonly code: string;
  readonly params: Readonly<Record<string, ReasonParam>>;
}
/** A reason may hold another one (`why`): it is rendered in its place. */
export type ReasonParam = string | number | boolean | readonly string[] | Reason;

export type Language = 'en' | 'zh';
export type Sentence = Readonly<Record<Language, string>>;

/** Sentences by code. `{name}` in a sentence is replaced by the parameter of that name. */
export type ReasonTable = Readonly<Record<string, Sentence>>;

/** Keeps the codes as literals, and makes the compiler ask for both languages. */
export function defineReasons<const T extends ReasonTable>(table: T): DefinedReasons<T> {
  const of: ReasonMaker<T> = (code, params = {}) => ({ code, params });
  return Object.defineProperty({ ...table } as DefinedReasons<T>, 'of', { value: of, enumerable: false });
}
/**
 * A table that also makes reasons. `of` is no sentence and is not enumerated; its type says so only to let a
 * defined table pass as a `ReasonTable`.
 */
export type DefinedReasons<T> = T & { readonly of: ReasonMaker<T> & Sentence };
export type ReasonMaker<T> = (code: Extract<keyof T, string>, params?: Reason['params']) => Reason;

/** Renders a reason; an unknown code renders as itself with its parameters, so nothing is ever swallowed. */
export function renderReason(reason: Reason, tables: readonly ReasonTable[], language: Language): string {
  for (const table of tables) {
    const sentence = table[reason.code];
    if (sentence !== undefined) return fill(sentence[language], reason.params, tables, language);
  }
  const params = Object.entries(reason.params).map(
    ([key, value]) => `${key}=${formatParam(value, tables, language)}`,
  );
  return params.length === 0 ? reason.code : `${reason.code} (${params.join(', ')})`;
}

function fill(
  sentence: string,
  params: Reason['params'],
  tables: readonly ReasonTable[],
  language: Language,
): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    return value === undefined ? whole : formatParam(value, tables, language);
  });
}

function formatParam(value: ReasonParam, tables: readonly ReasonTable[], language: Language): string {
  if (typeof value !== 'object') return String(value);
  return 'code' in value
    ? renderReason(value, tables, language)
    : value.join(language === 'zh' ? '、' : ', ');
}

/** One table of several, for a family member that also gives reasons of its family. A later table wins. */
export function joinReasons(...tables: readonly ReasonTable[]): ReasonTable {
  return Object.assign({}, ...tables) as ReasonTable;
}
