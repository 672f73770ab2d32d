/** What renderers listen to: a run as it happens. Plain data, so that `--json` and the web print it as it is. */
import type { Instant } from '../base/clock.ts';
import type { ErrorRecord } from '../base/errors.ts';
import type { Evidence } from '../base/evidence.ts';
import type { Reason } from '../base/reason.ts';
import type { HostName } from '../site/model.ts';
import type { RunId } from '../store/journal.ts';
import type { RunMode, RunReport } from './report.ts';
import type { StepId, StepProgress } from './step.ts';

/** A step as a renderer needs it. `host` is absent on the machine that Holdfast runs on. */
export interface StepLabel {
  readonly step: StepId;
  readonly host?: HostName;
  readonly title: Reason;
}

export type StepPhase = 'check' | 'capture' | 'apply' | 'verify';

export type EngineEventBody =
  | { readonly type: 'hosts-locked'; readonly hosts: readonly HostName[] }
  | {
      readonly type: 'run-started';
      readonly run: RunId;
      readonly mode: RunMode;
      /** Those that this run may work on, in order. */
      readonly steps: readonly StepLabel[];
    }
  | ({ readonly type: 'step-started' } & StepLabel)
  | { readonly type: 'step-phase'; readonly step: StepId; readonly phase: StepPhase }
  | {
      readonly type: 'step-retrying';
      readonly step: StepId;
      readonly attempt: number;
      readonly error: ErrorRecord;
    }
  | ({ readonly type: 'step-progress'; readonly step: StepId } & StepProgress)
  | { readonly type: 'step-skipped'; readonly step: StepId; readonly because: Reason }
  | {
      readonly type: 'step-verified';
      readonly step: StepId;
      readonly evidence: Evidence;
      readonly tookMs: number;
    }
  | { readonly type: 'step-failed'; readonly step: StepId; readonly error: ErrorRecord }
  /** Cut by the second stop signal. */
  | { readonly type: 'step-cut'; readonly step: StepId }
  | ({ readonly type: 'revert-started' } & StepLabel)
  | { readonly type: 'step-reverted'; readonly step: StepId; readonly evidence?: Evidence }
  | { readonly type: 'revert-failed'; readonly step: StepId; readonly error: ErrorRecord }
  /** Cannot be reverted and stays. */
  | { readonly type: 'step-left'; readonly step: StepId; readonly because: Reason }
  | { readonly type: 'stopping'; readonly because: Reason }
  | { readonly type: 'warning'; readonly because: Reason; readonly hint: Reason }
  | { readonly type: 'run-ended'; readonly report: RunReport };

export type EngineEvent = { readonly at: Instant } & EngineEventBody;
