import type { Position } from './position.ts';
import type { Reason } from './reason.ts';

export type Severity = 'error' | 'warning' | 'info';

/** A lint or audit result (about the file), or one line of a refusal (about the world). A value, never thrown. */
export interface Finding {
  /** `HF012` for a lint rule; a code such as `plan/site-moved` for a refusal. */
  readonly rule: string;
  readonly severity: Severity;
  readonly because: Reason;
  readonly hint: Reason;
  readonly position?: Position;
  /** Set where the site file switches this finding off, with the reason the author gave. */
  readonly suppressed?: string;
}
