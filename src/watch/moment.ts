import type { Clock, Instant } from '../base/clock.ts';

/**
 * When an event happened, on both clocks: `monotonicMs` for every duration that a decision depends on, `wall` for
 * people. Setting the machine's clock therefore never moves traffic.
 */
export interface Moment {
  readonly monotonicMs: number;
  readonly wall: Instant;
}

/** Now, by an injected clock. */
export function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonicMs(), wall: clock.now() };
}
