import { abortReason } from './interrupt.ts';

/** A moment on the wall clock, in milliseconds since 1970-01-01T00:00:00Z. For people and journals only. */
export type Instant = number;

/**
 * Time, injected. Decisions never read the machine's clock themselves, so that failover logic runs under
 * simulation (see `test/sim-clock.ts`).
 *
 * - `now()` is for people: it may jump when an administrator or NTP sets the clock.
 * - `monotonicMs()` is for deadlines, leases and durations: it never goes back.
 */
export interface Clock {
  now(): Instant;
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `action` once after `ms`; the returned function cancels it. Does not keep the process alive. */
  after(ms: number, action: () => void): () => void;
}

/** Node's timers fire at once for anything above this (a 32-bit signed integer). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock: the only caller of `Date.now`, `performance.now` and `setTimeout`. */
export class SystemClock implements Clock {
  now(): Instant {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortReason(signal));
        return;
      }
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        Math.min(Math.max(ms, 0), LONGEST_TIMER_MS),
      );
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(abortReason(signal as AbortSignal));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  after(ms: number, action: () => void): () => void {
    const timer = setTimeout(action, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  }
}

/** `2026-03-01T12:00:00.000Z`, the form used in journals, JSON and SARIF. */
export function formatInstant(at: Instant): string {
  return new Date(at).toISOString();
}
