/**
 * The journal is the record of a run: append-only JSON lines, one folder a run. State is replayed from it, never
 * stored beside it (`engine/replay.ts`).
 */
import type { Instant } from '../base/clock.ts';
import type { Digest } from '../base/digest.ts';
import type { ErrorRecord } from '../base/errors.ts';
import type { Evidence } from '../base/evidence.ts';
import type { Reason } from '../base/reason.ts';

export type RunId = string;

/** Who ran it: from where, as whom. */
export interface Operator {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
}

/** `reverted`: rolled back whole. `stopped`: some steps are not done. `unknown`: cut inside a step. */
export type Outcome = 'succeeded' | 'reverted' | 'stopped' | 'unknown';

export type EntryBody =
  | { readonly type: 'run-opened'; readonly plan: Digest; readonly by: Operator }
  | { readonly type: 'run-resumed'; readonly by: Operator }
  | { readonly type: 'rollback-begun'; readonly by: Operator }
  | { readonly type: 'run-closed'; readonly outcome: Outcome; readonly because: Reason }
  /** `undo` is absent for a final step; `change` is the summary of the diff that check gave. */
  | {
      readonly type: 'step-begun';
      readonly step: string;
      readonly undo?: unknown;
      readonly change?: string;
    }
  | {
      readonly type: 'undo-amended';
      readonly step: string;
      readonly patch: Readonly<Record<string, unknown>>;
    }
  /** Applied once more, with the undo of its `step-begun`: after a failure that may pass, or by a resume. */
  | { readonly type: 'step-retried'; readonly step: string; readonly because: Reason }
  | { readonly type: 'step-skipped'; readonly step: string; readonly because: Reason }
  | { readonly type: 'step-applied'; readonly step: string }
  | { readonly type: 'step-verified'; readonly step: string; readonly evidence: Evidence }
  | { readonly type: 'step-failed'; readonly step: string; readonly error: ErrorRecord }
  | { readonly type: 'revert-begun'; readonly step: string }
  | { readonly type: 'revert-failed'; readonly step: string; readonly error: ErrorRecord }
  | { readonly type: 'step-reverted'; readonly step: string; readonly evidence?: Evidence };

export type Entry = { readonly at: Instant; readonly epoch: number } & EntryBody;

export interface Journal extends AsyncDisposable {
  readonly run: RunId;
  /** Grows with every process that opens the run for writing. */
  readonly epoch: number;
  /**
   * Resolves after fsync: what it says has happened survives a power cut. After a rejection nothing more is taken:
   * the run stops before its next act.
   */
  append(entry: EntryBody): Promise<void>;
  /** A last line cut short by a crash is dropped; rubbish anywhere else is an error that names the line. */
  read(): AsyncIterable<Entry>;
}
