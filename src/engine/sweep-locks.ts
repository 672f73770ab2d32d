import { messageOf } from '../base/errors.ts';
import type { HostName } from '../site/model.ts';
import type { RunId } from '../store/journal.ts';
import { announce } from './announce.ts';
import type { Engine } from './engine.ts';
import { engineReasons } from './reasons.ts';

/**
 * Gives back what a run that was cut may still hold on hosts that it needs no more. The caller holds the run's lease.
 * A host that cannot be asked keeps its lock, and a warning says so.
 */
export async function sweepLocks(
  engine: Engine,
  run: RunId,
  hosts: readonly HostName[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    hosts.map(async (host) => {
      try {
        const lock = await engine.locks.look(host, signal);
        const isOurs = lock?.record?.run === run && lock.record.runs === engine.runs.place;
        if (isOurs) await engine.locks.release(lock, signal);
      } catch (error) {
        announce(engine, {
          type: 'warning',
          because: engineReasons.of('engine/lock-left', { host, message: messageOf(error) }),
          hint: engineReasons.of('engine/lock-left-hint', { host }),
        });
      }
    }),
  );
}
