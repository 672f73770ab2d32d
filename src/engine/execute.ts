/** Drives the steps of an open run to its end and closes it: what `run.ts` and `resume.ts` have in common. */
import type { Reason } from '../base/reason.ts';
import type { Outcome, RunId } from '../store/journal.ts';
import { announce } from './announce.ts';
import { engineReasons } from './reasons.ts';
import { hasBegun, type RunState } from './replay.ts';
import type { RunMode, RunReport, StepFailure } from './report.ts';
import type { ResolvedSteps } from './resolve.ts';
import { runSchedule } from './schedule.ts';
import type { StepId } from './step.ts';
import { labelOf, liveStep, type StepEnd, type StepResult, type Work } from './step-life.ts';

export interface Execution {
  readonly run: RunId;
  readonly mode: Extract<RunMode, 'apply' | 'resume'>;
  readonly work: Work;
  readonly steps: ResolvedSteps;
  /** What the journal said when the run was opened. */
  readonly before: RunState;
}

/**
 * Runs what is left, journals the outcome, and reports it.
 * @throws StoreError where the journal is lost: whatever was under way has ended, nothing was begun after it
 */
export async function execute(o: Execution): Promise<RunReport> {
  const { work, steps, before } = o;
  const settled = new Set([...before.steps].filter(([, { status }]) => isSettled(status)).map(([id]) => id));
  const left = steps.ordered.filter((step) => !settled.has(step.id));
  announce(work.engine, { type: 'run-started', run: o.run, mode: o.mode, steps: left.map(labelOf) });
  const unhook = announceStop(work);
  const following = new Following(steps, before);
  try {
    const ends = await runSchedule({
      steps,
      settled,
      hostsAtOnce: work.engine.hostsAtOnce,
      mayStart: () => !work.signals.stop.aborted && !work.signals.abort.aborted,
      live: async (step) => {
        const result = await liveStep(
          work,
          step,
          before.steps.get(step.id),
          following.isFollowing(step.needs),
        );
        following.note(step.id, step.needs, result.end === 'changed');
        return result;
      },
    });
    return await close(o, ends);
  } finally {
    unhook();
  }
}

function isSettled(status: string | undefined): boolean {
  return status === 'skipped' || status === 'verified';
}

/** Which steps come after a change that this run made: their checks may say something else than was shown. */
class Following {
  readonly #moved: Set<StepId>;

  constructor(steps: ResolvedSteps, before: RunState) {
    this.#moved = new Set();
    for (const step of steps.ordered) this.note(step.id, step.needs, hasBegun(before.steps.get(step.id)));
  }

  isFollowing(needs: readonly StepId[]): boolean {
    return needs.some((need) => this.#moved.has(need));
  }

  note(id: StepId, needs: readonly StepId[], hasChanged: boolean): void {
    if (hasChanged || this.isFollowing(needs)) this.#moved.add(id);
  }
}

function announceStop(work: Work): () => void {
  const tell = (): void =>
    announce(work.engine, { type: 'stopping', because: engineReasons.of('engine/stop-asked') });
  work.signals.stop.addEventListener('abort', tell, { once: true });
  return () => work.signals.stop.removeEventListener('abort', tell);
}

type Results = ReadonlyMap<StepId, StepResult>;

async function close(o: Execution, results: Results): Promise<RunReport> {
  const { outcome, because } = judge(o, results);
  await o.work.journal.append({ type: 'run-closed', outcome, because });
  const count = (wanted: StepEnd): number => which(results, wanted).length;
  const report: RunReport = {
    run: o.run,
    mode: o.mode,
    outcome,
    because,
    counts: {
      changed: count('changed'),
      unchanged: count('unchanged'),
      failed: count('failed'),
      reverted: 0,
      waiting: waiting(o, results),
    },
    failures: failuresOf(o, results),
    left: [],
    next: outcome === 'succeeded' ? [] : ['resume', 'rollback'],
  };
  announce(o.work.engine, { type: 'run-ended', report });
  return report;
}

function judge(o: Execution, results: Results): { outcome: Outcome; because: Reason } {
  const of = engineReasons.of;
  const cut = which(results, 'cut');
  if (cut.length > 0) return { outcome: 'unknown', because: of('engine/cut-by-person', { steps: cut }) };
  const [failed] = which(results, 'failed');
  if (failed !== undefined)
    return { outcome: 'stopped', because: of('engine/step-failed-stop', { step: failed }) };
  const count = waiting(o, results);
  if (count > 0) return { outcome: 'stopped', because: of('engine/stopped-by-person', { count }) };
  return { outcome: 'succeeded', because: of('engine/all-done') };
}

function which(results: Results, wanted: StepEnd): StepId[] {
  return [...results].filter(([, { end }]) => end === wanted).map(([id]) => id);
}

/** Steps that had not begun when the run stopped. */
function waiting(o: Execution, results: Results): number {
  const isOpen = (id: StepId): boolean => {
    const end = results.get(id)?.end;
    return end === undefined ? !isSettled(o.before.steps.get(id)?.status) : end === 'withdrawn';
  };
  return o.steps.ordered.filter((step) => isOpen(step.id)).length;
}

function failuresOf(o: Execution, results: Results): StepFailure[] {
  return [...results].flatMap(([step, { error }]) => {
    const host = o.steps.byId.get(step)?.host;
    return error === undefined ? [] : [{ step, error, ...(host === undefined ? {} : { host }) }];
  });
}
