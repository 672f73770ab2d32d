/**
 * The way back: every step that began, in the exact reverse of the order in which they began. It can itself be cut
 * at any point and done again: reverts are idempotent, and the journal says which are done.
 */
import { orAborted } from '../base/abort.ts';
import { toErrorRecord } from '../base/errors.ts';
import type { RunId } from '../store/journal.ts';
import { announce } from './announce.ts';
import { driftFindings, findDrift, type GoingBack, type StepDrift } from './drift.ts';
import type { Engine, StopSignals } from './engine.ts';
import { holdHosts } from './hold-hosts.ts';
import { laterRuns, type OpenedRun, openRun } from './open-run.ts';
import { hostsOf } from './plan.ts';
import { engineReasons } from './reasons.ts';
import type { StepState } from './replay.ts';
import { isRefusal, type Refusal, type RunReport, type StepFailure } from './report.ts';
import { type ResolvedStep, type ResolvedSteps, resolveSteps, whereOf } from './resolve.ts';
import { didHappen, revertStep } from './revert-step.ts';
import { type RunJournal, watchJournal } from './run-journal.ts';
import { settledReport } from './settled-report.ts';
import { labelOf } from './step-life.ts';
import { sweepLocks } from './sweep-locks.ts';

export interface RollbackOptions {
  /**
   * Asked before anything is touched, where people changed what would be overwritten: whether to go on all the same.
   * What is overwritten is kept aside. Absent: the rollback is refused then.
   */
  discard?(found: readonly StepDrift[]): Promise<boolean>;
}

/**
 * Rolls a run back.
 * @param signals its own: what cancelled the run must not cancel the way back (DESIGN §9)
 * @throws as `resumeRun`
 */
export async function rollbackRun(
  run: RunId,
  o: RollbackOptions,
  engine: Engine,
  signals: StopSignals,
): Promise<RunReport | Refusal> {
  const opened = await openRun(engine, run);
  if (isRefusal(opened)) return opened;
  try {
    const planned = hostsOf(opened.plan);
    if (opened.state.outcome === 'reverted') {
      await sweepLocks(engine, run, planned, signals.stop);
      return settledReport(opened, 'rollback', 'engine/already-back');
    }
    const refused = await laterRuns(engine, opened);
    if (refused.length > 0) return { refused };
    const begun = opened.plan.steps.filter((step) => opened.state.begun.includes(step.id));
    // Needs that never began are not in the list: the order comes from the journal, not from the graph.
    const steps = resolveSteps(
      begun.map((step) => ({ ...step, needs: [] })),
      engine.kinds,
      engine.site,
    );
    const { hosts, onController } = steps;
    const held = await holdHosts(engine, { run, hosts, onController, signal: signals.stop });
    if (isRefusal(held)) return held;
    try {
      const way = new WayBack(engine, opened, steps, signals);
      const drift = await findDrift(engine, way.todo(), signals.stop);
      if (drift.length > 0 && !(await o.discard?.(drift))) return { refused: driftFindings(drift) };
      return await way.go();
    } finally {
      await held.release();
      // The run had locked these too, although no step on them began.
      const others = planned.filter((host) => !hosts.includes(host));
      await sweepLocks(engine, run, others, signals.abort);
    }
  } finally {
    await opened.journal[Symbol.asyncDispose]();
  }
}

/** One rollback under way. */
class WayBack {
  readonly #engine: Engine;
  readonly #opened: OpenedRun;
  readonly #steps: ResolvedSteps;
  readonly #signals: StopSignals;
  readonly #journal: RunJournal;
  readonly #left: RunReport['left'][number][] = [];
  #reverted = 0;

  constructor(engine: Engine, opened: OpenedRun, steps: ResolvedSteps, signals: StopSignals) {
    this.#engine = engine;
    this.#opened = opened;
    this.#steps = steps;
    this.#signals = signals;
    this.#journal = watchJournal(opened.journal);
  }

  async go(): Promise<RunReport> {
    await this.#journal.append({ type: 'rollback-begun', by: this.#engine.operator });
    const todo = this.todo();
    const { run } = this.#opened;
    const steps = todo.map(({ step }) => labelOf(step));
    announce(this.#engine, { type: 'run-started', run, mode: 'rollback', steps });
    for (const [index, { step, state }] of todo.entries()) {
      if (this.#signals.stop.aborted) return this.#stopped(todo.length - index);
      const failure = await this.#one(step, state);
      if (failure !== undefined) return this.#failed(failure, todo.length - index);
    }
    return this.#done();
  }

  /** What is to go back, last first. */
  todo(): GoingBack[] {
    const { begun, steps } = this.#opened.state;
    return begun
      .toReversed()
      .map((id) => ({ step: this.#steps.byId.get(id)!, state: steps.get(id)! }))
      .filter(({ state }) => state.status !== 'reverted');
  }

  /** @returns the failure, if there was one */
  async #one(step: ResolvedStep, state: StepState): Promise<StepFailure | undefined> {
    try {
      if (step.final === undefined) await this.#revert(step, state);
      else if (await this.#happened(step, state)) {
        this.#left.push({ step: step.id, because: step.final });
        announce(this.#engine, { type: 'step-left', step: step.id, because: step.final });
      }
      return undefined;
    } catch (thrown) {
      if (this.#journal.lost !== undefined) throw this.#journal.lost;
      const record = this.#engine.secrets.redactIn(toErrorRecord(thrown));
      const error = { ...record, where: { ...whereOf(step), ...record.where } };
      announce(this.#engine, { type: 'revert-failed', step: step.id, error });
      if (!this.#signals.abort.aborted)
        await this.#journal.append({ type: 'revert-failed', step: step.id, error });
      return { step: step.id, error, ...(step.host === undefined ? {} : { host: step.host }) };
    }
  }

  async #revert(step: ResolvedStep, state: StepState): Promise<void> {
    announce(this.#engine, { type: 'revert-started', ...labelOf(step) });
    await this.#journal.append({ type: 'revert-begun', step: step.id });
    const { evidence, isProven } = await orAborted(
      revertStep(this.#engine, step, state, this.#signals.abort, (patch) =>
        this.#journal.append({ type: 'undo-amended', step: step.id, patch }),
      ),
      this.#signals.abort,
    );
    await this.#journal.append({ type: 'step-reverted', step: step.id, evidence });
    announce(this.#engine, { type: 'step-reverted', step: step.id, evidence });
    this.#reverted++;
    if (isProven) return;
    announce(this.#engine, {
      type: 'warning',
      because: engineReasons.of('engine/revert-unproven', { step: step.id }),
      hint: engineReasons.of('engine/look-yourself', { host: step.host ?? 'localhost' }),
    });
  }

  /** A final step that was cut may not have happened at all: its check knows. */
  async #happened(step: ResolvedStep, state: StepState): Promise<boolean> {
    return state.status === 'verified' || didHappen(this.#engine, step, this.#signals.abort);
  }

  async #done(): Promise<RunReport> {
    const of = engineReasons.of;
    const steps = this.#left.map(({ step }) => step);
    const isEmpty = this.#opened.state.begun.length === 0;
    const because = isEmpty
      ? of('engine/nothing-begun')
      : steps.length > 0
        ? of('engine/rolled-back-but', { steps })
        : of('engine/rolled-back', { count: this.#reverted });
    return this.#close({ outcome: 'reverted', because, failures: [], waiting: 0 });
  }

  #stopped(waiting: number): Promise<RunReport> {
    const because = engineReasons.of('engine/rollback-stopped', { count: waiting });
    return this.#close({ outcome: 'stopped', because, failures: [], waiting });
  }

  #failed(failure: StepFailure, waiting: number): Promise<RunReport> {
    const isCut = this.#signals.abort.aborted;
    const because = isCut
      ? engineReasons.of('engine/cut-by-person', { steps: [failure.step] })
      : engineReasons.of('engine/revert-failed-stop', { step: failure.step });
    const failures = isCut ? [] : [failure];
    return this.#close({ outcome: isCut ? 'unknown' : 'stopped', because, failures, waiting });
  }

  async #close(
    o: Pick<RunReport, 'outcome' | 'because' | 'failures'> & { waiting: number },
  ): Promise<RunReport> {
    const { outcome, because, failures, waiting } = o;
    await this.#journal.append({ type: 'run-closed', outcome, because });
    const report: RunReport = {
      run: this.#opened.run,
      mode: 'rollback',
      outcome,
      because,
      counts: { changed: 0, unchanged: 0, failed: failures.length, reverted: this.#reverted, waiting },
      failures,
      left: this.#left,
      next: outcome === 'reverted' ? [] : ['rollback'],
    };
    announce(this.#engine, { type: 'run-ended', report });
    return report;
  }
}
