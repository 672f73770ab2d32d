/** One watcher for a state folder: a second one is refused and told who watches. */
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { acquireLease, type Lease, type LeaseHolder, readLease } from '../store/lease.ts';
import { StoreError } from '../store/store-error.ts';
import { WatchError } from './watch-error.ts';

/** The file of the lease inside a state folder. */
export function watchLease(stateDir: string): string {
  return join(stateDir, 'watch.lease');
}

/**
 * Takes the lease. A holder that was killed is followed at once.
 * @param holder for people: `holdfast watch by root`
 * @throws WatchError `watch/already-running`
 */
export async function elect(stateDir: string, holder: string, clock: Clock): Promise<Lease> {
  try {
    return await acquireLease(watchLease(stateDir), holder, { clock });
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'store/held') throw error;
    throw new WatchError({
      code: 'watch/already-running',
      message: `this state folder is watched already: ${error.message}`,
      expected: `nobody who watches from ${stateDir}`,
      got: error.got ?? error.message,
      hint: error.hint,
      cause: error,
    });
  }
}

/** Who watches from this state folder now; undefined where nobody does. A holder that is gone counts as nobody. */
export async function currentWatcher(stateDir: string): Promise<LeaseHolder | undefined> {
  const holder = await readLease(watchLease(stateDir));
  return holder?.liveness === 'dead' ? undefined : holder;
}
