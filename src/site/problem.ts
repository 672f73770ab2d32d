import type { Position } from '../base/position.ts';
import type { Reason } from '../base/reason.ts';
import type { SitePath } from './names.ts';

/** What the loader itself checks, by name; `load-checks.ts` has their ids and explanations. */
export type LoadCheckName =
  | 'syntax'
  | 'duplicate-key'
  | 'unknown-key'
  | 'wrong-value'
  | 'missing-key'
  | 'unknown-reference'
  | 'plain-text-password'
  | 'unreadable-file';

/** Something the loader found; becomes a Finding when its place has been looked up. */
export interface Problem {
  readonly check: LoadCheckName;
  readonly path: SitePath;
  /** Underline the key of the path (what is wrong is the key, or that something is missing in it) or its value. */
  readonly on: 'key' | 'value';
  readonly because: Reason;
  readonly hint: Reason;
  /** Set where the place is known already: the text has no path yet, or it is another file. */
  readonly at?: Position;
}
