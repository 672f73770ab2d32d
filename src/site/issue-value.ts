/** How a value of the file may be shown in a message. */
import type { SitePath } from './names.ts';

/** Keys whose values are never shown, whatever is wrong with them. */
const SENSITIVE = /pass(word|phrase|wd)?$|secret|token|credential|private.?key|^sudo$/i;

/** Whether what stands at a path may not be shown. */
export function isSensitive(path: SitePath): boolean {
  return SENSITIVE.test(String(path.at(-1) ?? ''));
}

/** A value as YAML would write it, shortened. What is in a mapping or list is never shown: it may be a secret. */
export function describe(input: unknown, path: SitePath = []): string {
  if (input === undefined || input === null) return 'null';
  if (Array.isArray(input)) return input.length === 0 ? '[]' : '[…]';
  if (typeof input === 'object') return '{…}';
  if (isSensitive(path)) return '***';
  if (typeof input === 'string') return `'${input.length > 60 ? `${input.slice(0, 60)}…` : input}'`;
  return String(input);
}
