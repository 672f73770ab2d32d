import type { OpenedRun } from './open-run.ts';
import { engineReasons } from './reasons.ts';
import type { RunMode, RunReport } from './report.ts';

/** The report of a run that needed nothing done: nothing is written. */
export function settledReport(
  { run, state }: OpenedRun,
  mode: RunMode,
  because: 'engine/already-done' | 'engine/already-back',
): RunReport {
  return {
    run,
    mode,
    outcome: state.outcome ?? 'unknown',
    because: engineReasons.of(because),
    counts: { changed: 0, unchanged: 0, failed: 0, reverted: 0, waiting: 0 },
    failures: [],
    left: [],
    next: [],
  };
}
