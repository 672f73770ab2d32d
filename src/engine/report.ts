/** How a run ended, or why it did not begin. */
import type { ErrorRecord } from '../base/errors.ts';
import type { Finding } from '../base/finding.ts';
import type { Reason } from '../base/reason.ts';
import type { HostName } from '../site/model.ts';
import type { Outcome, RunId } from '../store/journal.ts';
import type { StepId } from './step.ts';

export type RunMode = 'apply' | 'resume' | 'rollback';

export interface StepFailure {
  readonly step: StepId;
  readonly host?: HostName;
  readonly error: ErrorRecord;
}

/** How a run ended; the journal says the same. */
export interface RunReport {
  readonly run: RunId;
  readonly mode: RunMode;
  readonly outcome: Outcome;
  readonly because: Reason;
  readonly counts: {
    readonly changed: number;
    readonly unchanged: number;
    readonly failed: number;
    readonly reverted: number;
    /** Not begun because the run stopped before. */
    readonly waiting: number;
  };
  readonly failures: readonly StepFailure[];
  /** Steps that stay although the run was rolled back: they are final. */
  readonly left: readonly { readonly step: StepId; readonly because: Reason }[];
  /** The commands that make sense now. */
  readonly next: readonly ('resume' | 'rollback')[];
}

/** A typed "no" before anything was touched: all of it at once. */
export interface Refusal {
  readonly refused: readonly Finding[];
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}
