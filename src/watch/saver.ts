/** Brings states to disk, one after the other; while one is being written, only the newest waits. */
import { type Clock, formatInstant } from '../base/clock.ts';
import { toErrorRecord } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { EndpointState } from './endpoint-state.ts';
import type { StateStore } from './state.ts';
import { type Stored, toStored } from './stored.ts';

export interface Saver {
  /**
   * Resolves when this state or a newer one is on disk: true. False where the disk refuses or hangs. The caller goes
   * on nevertheless: a full disk here must not stop a failover. The epoch then protects from the state that was lost.
   */
  save(state: EndpointState): Promise<boolean>;
  /** Called at every tick: tries once more where the disk refused, at most once a second. */
  tryAgain(state: EndpointState): void;
  /** Since when the disk refuses; undefined where all is saved. */
  readonly failingSince: number | undefined;
}

/** A disk that needs longer than this hangs. */
const PATIENCE_MS = 2_000;
const TRY_AGAIN_MS = 1_000;

/** @param o.clock stamps what is saved with both clocks */
export function createSaver(o: { store: StateStore; clock: Clock; log: Logger }): Saver {
  let writing = Promise.resolve(true);
  let next: { stored: Stored; done: Promise<boolean> } | undefined;
  let failingSince: number | undefined;
  let triedAtMs = 0;
  let busy = false;

  const write = async (): Promise<boolean> => {
    const stored = next?.stored;
    next = undefined;
    if (stored === undefined) return true;
    busy = true;
    try {
      await o.store.save(stored);
      if (failingSince !== undefined) {
        o.log.info('the state can be saved again', { failedSince: formatInstant(failingSince) });
        failingSince = undefined;
      }
      return true;
    } catch (error) {
      if (failingSince === undefined) {
        o.log.error('the state cannot be saved: a restart now would begin from an older one', {
          error: toErrorRecord(error),
        });
      }
      failingSince ??= o.clock.now();
      return false;
    } finally {
      busy = false;
      triedAtMs = o.clock.monotonicMs();
    }
  };

  const saver: Saver = {
    get failingSince() {
      return failingSince;
    },
    tryAgain(state) {
      const rested = o.clock.monotonicMs() - triedAtMs >= TRY_AGAIN_MS;
      if (failingSince !== undefined && !busy && rested) void saver.save(state);
    },
    save(state) {
      const stored = toStored(state, { monotonicMs: o.clock.monotonicMs(), wall: o.clock.now() });
      if (next === undefined) {
        writing = writing.then(write);
        next = { stored, done: writing };
      } else {
        next = { stored, done: next.done };
      }
      return orFalseAfter(o.clock, PATIENCE_MS, next.done);
    },
  };
  return saver;
}

function orFalseAfter(clock: Clock, ms: number, work: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(false));
    void work.then((value) => {
      cancel();
      resolve(value);
    });
  });
}
