/** What a copy from one member to another is about: things by name, and what is to become of each. Pure. */
import { formatBytes } from '../../../base/bytes.ts';
import type { Reason } from '../../../base/reason.ts';
import { syncReasons as reasons } from './reasons.ts';

/**
 * `missing`: the target has nothing under that name; `incomplete`: the same name and digest, but parts are missing;
 * `conflict`: the same name with another content; `broken`: the source itself does not hold all of it.
 */
export type ItemState = 'missing' | 'incomplete' | 'conflict' | 'broken';

/** One thing that is not the same on both members. */
export interface Item {
  /** `library/app:v1`, `/kubean/a.tar`, `nginx-1.2.3`. */
  readonly name: string;
  readonly state: ItemState;
  /** How the source's content is known: a digest, else an ETag or a size. */
  readonly wanted: string;
  /** The same of the target, where it has something. */
  readonly found?: string;
  /** What is to be sent for it alone. */
  readonly sizeBytes: number;
  /** With `broken` and `incomplete`: which parts. */
  readonly parts?: readonly string[];
}

/** All that was compared. */
export interface Found {
  /** How many things the source holds. */
  readonly total: number;
  /** How many count as the same by their size or presence only, because nothing better was to be had. */
  readonly weak: number;
  /** Those that differ, sorted by name. */
  readonly items: readonly Item[];
}

/** Which member's content stands where both have one: by name, or `*` for all; `neither` leaves both as they are. */
export type Preference = Readonly<Record<string, string>>;

export interface Decided {
  /** To be copied. */
  readonly chosen: readonly Item[];
  /** Conflicts that were decided for the target, or for neither. */
  readonly kept: readonly Item[];
  /** Conflicts that nobody has decided: nothing is copied before. */
  readonly undecided: readonly Item[];
  /** Cannot be copied from here. */
  readonly broken: readonly Item[];
}

/** Sorts what differs by what is to become of it. @param from the member that is copied from */
export function decide(items: readonly Item[], prefer: Preference, from: string): Decided {
  const chosen: Item[] = [];
  const kept: Item[] = [];
  const undecided: Item[] = [];
  const broken: Item[] = [];
  for (const item of items) {
    if (item.state === 'broken') broken.push(item);
    else if (item.state !== 'conflict') chosen.push(item);
    else {
      const preferred = Object.hasOwn(prefer, item.name) ? prefer[item.name] : prefer['*'];
      (preferred === undefined ? undecided : preferred === from ? chosen : kept).push(item);
    }
  }
  return { chosen, kept, undecided, broken };
}

/** What is to be sent, in bytes. */
export function bytesOf(items: readonly Item[]): number {
  return items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** One line for each thing, as a plan shows it. */
export function describeItems({ chosen, kept, broken }: Decided): Reason[] {
  return [
    ...chosen.map(({ name, state, wanted, found = '', sizeBytes, parts = [] }) => {
      const size = formatBytes(sizeBytes);
      return reasons.of(`artifacts/line-${state}`, { name, wanted, found, size, count: parts.length });
    }),
    ...kept.map(({ name, wanted, found = '' }) => reasons.of('artifacts/line-kept', { name, wanted, found })),
    ...broken.map(({ name, parts = [] }) => reasons.of('artifacts/line-broken', { name, parts })),
  ];
}

/** Order by name, the same on every machine. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
