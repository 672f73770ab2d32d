/** Whether a candidate holds everything that the active member holds. Pure: what is there was found out before. */
import { compareMarks, type Mark } from './mark.ts';

export type ThingKind = 'image' | 'file' | 'chart';

/** Something the active member holds, and what the candidate has under the same name. */
export interface Pair {
  readonly kind: ThingKind;
  /** `library/app:v1`, `/kubean/a.tar`, `nginx-1.2.3`. */
  readonly name: string;
  readonly active: Mark;
  /** Undefined where the candidate has nothing under that name. */
  readonly candidate: Mark | undefined;
  /** What belongs to it and the candidate has not: digests of layers, the package of a chart, the list of a file. */
  readonly missingParts?: readonly string[];
}

export interface Parity {
  readonly holdsAll: boolean;
  /** How many of each kind the active member holds. */
  readonly counts: Readonly<Record<ThingKind, number>>;
  /** In the order of the pairs. */
  readonly missing: readonly Pair[];
  /** The same name, another content: only a person can say which is right. */
  readonly conflicts: readonly Pair[];
  /** There by name, but not whole. */
  readonly incomplete: readonly Pair[];
  /** How many count as the same by size or presence only, because nothing better was to be had. */
  readonly weaklyCompared: number;
}

/** Sorts the pairs. What the candidate holds beyond them does not matter, and is not looked at. */
export function judgeParity(pairs: Iterable<Pair>): Parity {
  const counts = { image: 0, file: 0, chart: 0 };
  const missing: Pair[] = [];
  const conflicts: Pair[] = [];
  const incomplete: Pair[] = [];
  let weaklyCompared = 0;
  for (const pair of pairs) {
    counts[pair.kind]++;
    if (pair.candidate === undefined) {
      missing.push(pair);
      continue;
    }
    const { same, by } = compareMarks(pair.active, pair.candidate);
    if (same && (by === 'size' || by === 'presence')) weaklyCompared++;
    if (!same) conflicts.push(pair);
    else if ((pair.missingParts ?? []).length > 0) incomplete.push(pair);
  }
  const holdsAll = missing.length + conflicts.length + incomplete.length === 0;
  return { holdsAll, counts, missing, conflicts, incomplete, weaklyCompared };
}

/** The first few names, and how many more: `app:v1, app:v2 and 12 more`. */
export function nameFew(pairs: readonly Pair[], most = 3): string {
  const names = pairs.slice(0, most).map((pair) => pair.name);
  const rest = pairs.length - names.length;
  return rest === 0 ? names.join(', ') : `${names.join(', ')} (+${rest})`;
}
