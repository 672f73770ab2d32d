/** Goes on with a run that was cut or stopped, from its journal. */
import type { Finding } from '../base/finding.ts';
import type { RunId } from '../store/journal.ts';
import type { Engine, StopSignals } from './engine.ts';
import { execute } from './execute.ts';
import { holdHosts } from './hold-hosts.ts';
import { laterRuns, type OpenedRun, openRun } from './open-run.ts';
import { hostsOf } from './plan.ts';
import { engineReasons } from './reasons.ts';
import { isRefusal, type Refusal, type RunReport } from './report.ts';
import { resolveSteps } from './resolve.ts';
import { watchJournal } from './run-journal.ts';
import { settledReport } from './settled-report.ts';
import { sweepLocks } from './sweep-locks.ts';

export interface ResumeOptions {
  /** Go on with the plan as it was although the site file has changed since. */
  readonly acceptMovedSite?: boolean;
}

/**
 * Finishes the plan of a run. What was verified or skipped stays so; of a step that had begun, check says what is
 * left, and its undo is the one that was captured before it first began; a step that had not begun must still be as
 * it was shown.
 * @throws as `startRun`; StoreError where there is no such run or its journal cannot be read
 */
export async function resumeRun(
  run: RunId,
  o: ResumeOptions,
  engine: Engine,
  signals: StopSignals,
): Promise<RunReport | Refusal> {
  const opened = await openRun(engine, run);
  if (isRefusal(opened)) return opened;
  try {
    if (opened.state.outcome === 'succeeded') {
      await sweepLocks(engine, run, hostsOf(opened.plan), signals.stop);
      return settledReport(opened, 'resume', 'engine/already-done');
    }
    const refused = await whyNot(opened, o, engine);
    if (refused.length > 0) return { refused };
    return await goOn(opened, engine, signals);
  } finally {
    await opened.journal[Symbol.asyncDispose]();
  }
}

async function goOn(
  { run, plan, shown, state, journal }: OpenedRun,
  engine: Engine,
  signals: StopSignals,
): Promise<RunReport | Refusal> {
  const steps = resolveSteps(plan.steps, engine.kinds, engine.site);
  const { hosts, onController } = steps;
  const held = await holdHosts(engine, { run, hosts, onController, signal: signals.stop });
  if (isRefusal(held)) return held;
  try {
    const watched = watchJournal(journal);
    const by = engine.operator;
    // A run that was cut before its first entry is opened now.
    await watched.append(
      state.phase === 'empty' ? { type: 'run-opened', plan: plan.digest, by } : { type: 'run-resumed', by },
    );
    const work = { engine, journal: watched, signals, shown };
    return await execute({ run, mode: 'resume', work, steps, before: state });
  } finally {
    await held.release();
  }
}

async function whyNot(opened: OpenedRun, o: ResumeOptions, engine: Engine): Promise<readonly Finding[]> {
  const of = engineReasons.of;
  if (opened.state.isGoingBack) {
    const because = of('engine/going-back');
    const hint = of('engine/finish-rollback', { run: opened.run });
    return [{ rule: 'engine/going-back', severity: 'error', because, hint }];
  }
  const later = await laterRuns(engine, opened);
  if (opened.plan.site === engine.site.digest || o.acceptMovedSite) return later;
  const because = of('engine/resume-site-moved', { file: engine.site.file });
  const hint = of('engine/resume-site-moved-hint');
  return [{ rule: 'engine/site-moved', severity: 'error', because, hint }, ...later];
}
