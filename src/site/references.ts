import { nearest } from '../base/nearest.ts';
import type { Reason } from '../base/reason.ts';
import { loadReasons as reasons } from './load-reasons.ts';

export type ReferenceTo = 'host' | 'endpoint';
type Names = Readonly<Record<ReferenceTo, ReadonlySet<string>>>;

/**
 * Names that references are checked against while a schema parses. Zod has no context of its own to hand them in;
 * parsing is synchronous, so a variable that is set around it and always reset does no harm.
 */
let known: Names | undefined;

/** Runs `parse` with these names known; values of `hostRef()` and `endpointRef()` are checked against them. */
export function withNames<T>(names: Names, parse: () => T): T {
  const before = known;
  known = names;
  try {
    return parse();
  } finally {
    known = before;
  }
}

/** Why a name refers to nothing, or undefined where it does, or where no names are known (outside the loader). */
export function lookUp(to: ReferenceTo, name: string): { because: Reason; hint: Reason } | undefined {
  const names = known?.[to];
  if (names === undefined || names.has(name)) return undefined;
  const because = reasons.of(to === 'host' ? 'unknown-host' : 'unknown-endpoint', { name });
  return { because, hint: meantOrKnown(name, names) };
}

/** `Did you mean 'x'?`, or the list of what there is. */
export function meantOrKnown(name: string, names: Iterable<string>): Reason {
  const all = [...names];
  const meant = nearest(name, all);
  if (meant !== undefined) return reasons.of('did-you-mean', { meant });
  if (all.length === 0) return reasons.of('none-known');
  const shown = all.length > 12 ? [...all.slice(0, 12), '…'] : all;
  return reasons.of('known-names', { names: shown });
}
