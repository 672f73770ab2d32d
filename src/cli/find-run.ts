import { replay } from '../engine/replay.ts';
import type { RunId } from '../store/journal.ts';
import type { RunStore } from '../store/store.ts';
import { CliError } from './error.ts';

/**
 * The run that a command means: the one named; to go on, the newest that was cut or stopped; to go back, the newest
 * that is not rolled back.
 * @throws CliError `cli/no-run`
 */
export async function findRun(
  runs: RunStore,
  named: string | undefined,
  way: 'resume' | 'rollback',
): Promise<RunId> {
  if (named !== undefined) return named;
  const all = await runs.list();
  for (const run of all) {
    const { outcome } = replay((await runs.look(run)).entries);
    if (outcome !== 'reverted' && (way === 'rollback' || outcome !== 'succeeded')) return run;
  }
  throw new CliError({
    code: 'cli/no-run',
    message: way === 'resume' ? 'there is no run to go on with' : 'there is no run to roll back',
    expected: way === 'resume' ? 'a run that was cut or stopped' : 'a run that is not rolled back yet',
    got: `${all.length} runs in ${runs.place}`,
    hint: 'See `holdfast runs`; another site file or state folder (--state-dir) has other runs.',
  });
}
