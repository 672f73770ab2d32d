/** A fresh run of a plan: locks, a last look, journal, steps, end. */
import { formatInstant } from '../base/clock.ts';
import type { RunId } from '../store/journal.ts';
import type { Engine, StopSignals } from './engine.ts';
import { execute } from './execute.ts';
import { holdHosts } from './hold-hosts.ts';
import { notReady, worldMoved } from './moved.ts';
import { previewPlan } from './preview.ts';
import { replay } from './replay.ts';
import { isRefusal, type Refusal, type RunReport } from './report.ts';
import { resolveSteps } from './resolve.ts';
import { type ShownPlan, toDocument } from './run-document.ts';
import { watchJournal } from './run-journal.ts';
import { checkSafety, isOverridden } from './safety.ts';

export interface RunRequest extends ShownPlan {
  /** Codes of safety findings that a person has looked at and wants to go past. */
  readonly overrides: readonly string[];
}

/**
 * Executes a plan as it was shown, or refuses before anything is touched: where hosts are locked, where the world
 * is no longer as shown (asked again under the locks), where a step refuses, where it does too much at once.
 * @throws EngineError for a plan that cannot be run, StoreError where the journal cannot be kept, what keeps a host
 *   from being locked, and the stop signal's reason before the first step
 */
export async function startRun(
  request: RunRequest,
  engine: Engine,
  signals: StopSignals,
): Promise<RunReport | Refusal> {
  const steps = resolveSteps(request.plan.steps, engine.kinds, engine.site);
  const run = newRunId(engine);
  const { hosts, onController } = steps;
  const held = await holdHosts(engine, { run, hosts, onController, signal: signals.stop });
  if (isRefusal(held)) return held;
  try {
    const view = await previewPlan(request.plan, engine, signals.stop);
    const unsafe = checkSafety(view, engine.site).filter((found) => !isOverridden(found, request.overrides));
    const refused = [...worldMoved(view, request.shown), ...notReady(view), ...unsafe];
    if (refused.length > 0) return { refused };
    const journal = await engine.runs.create(run, toDocument(request, run));
    try {
      const watched = watchJournal(journal);
      await watched.append({ type: 'run-opened', plan: request.plan.digest, by: engine.operator });
      const work = { engine, journal: watched, signals, shown: request.shown };
      return await execute({ run, mode: 'apply', work, steps, before: replay([]) });
    } finally {
      // The locks first: once the run's lease is free, a resume may take up its locks.
      await held.release();
      await journal[Symbol.asyncDispose]();
    }
  } finally {
    await held.release();
  }
}

/** Begins with the time, so that runs sort by it; the random part keeps two machines apart. */
function newRunId(engine: Engine): RunId {
  const time = formatInstant(engine.clock.now()).slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const part = Math.floor(engine.random() * 2 ** 24);
  return `${time}-${part.toString(16).padStart(6, '0')}`;
}
