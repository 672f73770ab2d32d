/** Trying again what a server could not do just now: 429, 5xx, a connection that broke. */
import type { Clock } from '../../../base/clock.ts';
import { retry } from '../../../base/retry.ts';

/** In all about 25 s: a registry that restarts is back by then, one that is gone should not be waited for. */
const POLICY = {
  attempts: 8,
  firstDelayMs: 250,
  longestDelayMs: 8_000,
  // One client against one server: nobody marches in step.
  random: () => 1,
};

/**
 * Calls `work` until it succeeds, fails for good, or has been tried for about 25 seconds.
 * @throws what `work` threw last; the signal's reason
 */
export function patiently<T>(
  o: { readonly clock: Clock; readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  return retry(o.clock, POLICY, o.signal, work);
}
