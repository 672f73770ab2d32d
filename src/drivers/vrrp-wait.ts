import type { Clock } from '../base/clock.ts';

/** Looks again and again until it is as wanted or the time is over; gives the last look either way. */
export async function lookUntil<T>(
  o: { clock: Clock; signal: AbortSignal; forMs: number; everyMs: number },
  look: () => Promise<T>,
  isWanted: (found: T) => boolean,
): Promise<T> {
  const endMs = o.clock.monotonicMs() + o.forMs;
  for (;;) {
    const found = await look();
    if (isWanted(found) || o.clock.monotonicMs() >= endMs) return found;
    await o.clock.sleep(o.everyMs, o.signal);
  }
}
