import { SystemClock } from '../src/base/clock.ts';
import { throwIfAborted } from '../src/base/interrupt.ts';

/** The machine's clock, but nobody waits: a sleep is over at once, and the clock is that much further on. */
export class HastyClock extends SystemClock {
  #aheadMs = 0;

  override now(): number {
    return super.now() + Math.round(this.#aheadMs);
  }

  override monotonicMs(): number {
    return super.monotonicMs() + this.#aheadMs;
  }

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    this.#aheadMs += ms;
    await new Promise((resolve) => setImmediate(resolve));
    throwIfAborted(signal);
  }
}
