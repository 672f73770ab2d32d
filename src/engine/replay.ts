/**
 * A journal → the state of its run. Pure: the journal is the only memory.
 *
 *   (nothing) ── step-skipped ─→ skipped
 *       ├─────── step-failed ──→ refused                       nothing was touched
 *       └─────── step-begun ───→ unknown ── step-applied ─→ applied ── step-verified ─→ verified
 *                                   └────── step-failed ──→ failed (from applied, too)
 *   any begun one ── revert-begun ─→ reverting ── step-reverted ─→ reverted
 *
 * `unknown` is a begun step without an end: the process may have been cut anywhere inside it, so that only the
 * kind's check can say what is left to do.
 */
import type { Instant } from '../base/clock.ts';
import type { Digest } from '../base/digest.ts';
import type { ErrorRecord } from '../base/errors.ts';
import type { Evidence } from '../base/evidence.ts';
import type { Reason } from '../base/reason.ts';
import type { Entry, Operator, Outcome } from '../store/journal.ts';
import type { StepId } from './step.ts';

export type StepStatus =
  | 'skipped'
  | 'refused'
  | 'unknown'
  | 'applied'
  | 'verified'
  | 'failed'
  | 'reverting'
  | 'reverted';

export interface StepState {
  readonly status: StepStatus;
  /** What was captured before the first apply, with every amendment. Meaningful once the step has begun. */
  readonly undo?: unknown;
  /** The same without the amendments: how the host was. */
  readonly captured?: unknown;
  readonly begunAt?: Instant;
  readonly endedAt?: Instant;
  readonly change?: string;
  readonly retries: number;
  readonly because?: Reason;
  readonly evidence?: Evidence;
  readonly error?: ErrorRecord;
}

export interface RunState {
  /** `empty`: nothing written yet; `open`: applying, or cut while doing so; `rolling-back`: the same on the way back. */
  readonly phase: 'empty' | 'open' | 'rolling-back' | 'closed';
  readonly plan?: Digest;
  readonly by?: Operator;
  readonly openedAt?: Instant;
  readonly closedAt?: Instant;
  readonly outcome?: Outcome;
  readonly because?: Reason;
  /** True once a rollback has begun: from then on there is only the way back. */
  readonly isGoingBack: boolean;
  readonly steps: ReadonlyMap<StepId, StepState>;
  /** In the order in which they first began; a rollback goes through it backwards. */
  readonly begun: readonly StepId[];
}

type Draft = { -readonly [K in keyof RunState]: RunState[K] } & {
  steps: Map<StepId, StepState>;
  begun: StepId[];
};

/** Replays entries in the order written. Entries that make no sense where they stand cannot occur: the engine is the only writer. */
export function replay(entries: Iterable<Entry>): RunState {
  const run: Draft = { phase: 'empty', isGoingBack: false, steps: new Map(), begun: [] };
  for (const entry of entries) {
    if ('step' in entry) replayStep(run, entry);
    else replayRun(run, entry);
  }
  return run;
}

function replayRun(run: Draft, entry: Exclude<Entry, { step: StepId }>): void {
  switch (entry.type) {
    case 'run-opened':
      run.phase = 'open';
      run.plan = entry.plan;
      run.by = entry.by;
      run.openedAt = entry.at;
      return;
    case 'run-resumed':
      reopen(run, 'open');
      return;
    case 'rollback-begun':
      run.isGoingBack = true;
      reopen(run, 'rolling-back');
      return;
    case 'run-closed':
      run.phase = 'closed';
      run.outcome = entry.outcome;
      run.because = entry.because;
      run.closedAt = entry.at;
  }
}

function reopen(run: Draft, phase: 'open' | 'rolling-back'): void {
  run.phase = phase;
  delete run.outcome;
  delete run.because;
  delete run.closedAt;
}

function replayStep(run: Draft, entry: Extract<Entry, { step: StepId }>): void {
  const known = run.steps.get(entry.step);
  const isFirstBegin = entry.type === 'step-begun' && known?.begunAt === undefined;
  if (isFirstBegin) run.begun.push(entry.step);
  run.steps.set(entry.step, nextState(known ?? { status: 'unknown', retries: 0 }, entry));
}

function nextState(state: StepState, entry: Extract<Entry, { step: StepId }>): StepState {
  switch (entry.type) {
    case 'step-begun':
      return {
        ...without(state, 'error'),
        status: 'unknown',
        begunAt: entry.at,
        undo: entry.undo,
        captured: entry.undo,
        ...(entry.change === undefined ? {} : { change: entry.change }),
      };
    case 'undo-amended':
      return { ...state, undo: amended(state.undo, entry.patch) };
    case 'step-retried':
      return { ...without(state, 'error'), status: 'unknown', retries: state.retries + 1 };
    case 'step-skipped':
      return { ...without(state, 'error'), status: 'skipped', because: entry.because, endedAt: entry.at };
    case 'step-applied':
      return { ...state, status: 'applied' };
    case 'step-verified':
      return { ...without(state, 'error'), status: 'verified', evidence: entry.evidence, endedAt: entry.at };
    case 'step-failed':
      return {
        ...state,
        status: state.begunAt === undefined ? 'refused' : 'failed',
        error: entry.error,
        endedAt: entry.at,
      };
    case 'revert-begun':
      return { ...without(state, 'error'), status: 'reverting' };
    case 'revert-failed':
      return { ...state, status: 'reverting', error: entry.error, endedAt: entry.at };
    case 'step-reverted':
      return {
        ...without(without(state, 'error'), 'evidence'),
        status: 'reverted',
        endedAt: entry.at,
        ...(entry.evidence === undefined ? {} : { evidence: entry.evidence }),
      };
  }
}

/** An undo with one more patch merged into it; the same rule at run time and in replay. */
export function amended(undo: unknown, patch: Readonly<Record<string, unknown>>): unknown {
  return { ...(typeof undo === 'object' && undo !== null ? undo : {}), ...patch };
}

/** Whether something of the step may be on its host. */
export function hasBegun(state: StepState | undefined): state is StepState & { begunAt: Instant } {
  return state?.begunAt !== undefined;
}

function without<K extends keyof StepState>(state: StepState, key: K): Omit<StepState, K> {
  const { [key]: _gone, ...rest } = state;
  return rest;
}
