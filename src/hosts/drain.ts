/** The end of a process: its exit, and then the end of its outputs, if that comes at all. */
import { constants } from 'node:os';
import type { Clock } from '../base/clock.ts';
import type { Ending } from './exchange.ts';

/** A daemon started by a command may hold the outputs open for ever: that long is waited after the exit. */
const DRAIN_MS = 2_000;

/** What a process or a channel tells, in the order in which it happens. */
export interface EndEvents {
  exited(code: number | null, signal: string | null | undefined): void;
  /** All outputs have ended. */
  closed(): void;
}

/**
 * Settles when both have happened, or some time after the exit alone.
 * @param cut closes the outputs that are still open
 * @param unknownEnd makes the error for an end without an exit
 */
export function drain(
  clock: Clock,
  cut: () => void,
  unknownEnd: () => Error,
): { ended: Promise<Ending>; events: EndEvents; fail: (error: Error) => void } {
  const { promise, resolve, reject } = Promise.withResolvers<Ending>();
  // Whoever waits for the end may come later than the end.
  promise.catch(() => {});
  let ending: Ending | undefined;
  let cancel = (): void => {};
  return {
    ended: promise,
    fail: reject,
    events: {
      exited(code, signal) {
        const known: Ending = { code: code ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0) };
        ending = known;
        cancel = clock.after(DRAIN_MS, () => {
          cut();
          resolve(known);
        });
      },
      closed() {
        cancel();
        if (ending === undefined) reject(unknownEnd());
        else resolve(ending);
      },
    },
  };
}
