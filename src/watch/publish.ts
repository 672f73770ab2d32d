/**
 * Hands an endpoint's answers to its driver, one after the other. A failure is tried again with back-off until a newer
 * answer supersedes it; what clients get is looked at after each publishing and from time to time.
 */
import { openScope, orAborted } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { type ErrorRecord, isHoldfastError, toErrorRecord } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Answer, Observed, Published } from '../drivers/driver.ts';

/** The driver, bound to one endpoint. */
export interface Target {
  publish(answer: Answer, signal: AbortSignal): Promise<Published>;
  observe(signal: AbortSignal): Promise<Observed>;
}

export interface PublisherEvents {
  published(answer: Answer, published: Published): void;
  failed(answer: Answer, error: ErrorRecord, attempt: number): void;
  /** The driver has seen a newer leader: nothing is published any more. */
  refused(answer: Answer, error: ErrorRecord): void;
  observed(answer: Answer, observed: Observed): void;
  unobserved(answer: Answer, error: ErrorRecord): void;
}

export interface Publisher extends AsyncDisposable {
  /**
   * Publishes as soon as `saved` resolves, and gives up what it published before.
   * @returns what came of it; undefined where a newer answer, or the end, came first
   */
  submit(answer: Answer, saved: Promise<unknown>): Promise<Published | undefined>;
  /** Why the answer is not published yet. */
  readonly trouble: ErrorRecord | undefined;
}

const ATTEMPT_TIMEOUT_MS = 30_000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 15_000;
const NEWER_LEADER = new Set(['driver/older-epoch', 'driver/epoch-reused']);

/** @param o.observeEveryMs between looks at what clients get; spread by a fifth */
export function createPublisher(o: {
  target: Target;
  clock: Clock;
  random: () => number;
  log: Logger;
  signal: AbortSignal;
  observeEveryMs: number;
  events: PublisherEvents;
}): Publisher {
  const end = new AbortController();
  const signal = AbortSignal.any([o.signal, end.signal]);
  let current = new AbortController();
  let work: Promise<unknown> = Promise.resolve();
  let trouble: ErrorRecord | undefined;
  let stoodDown = false;

  const attempt = async <T>(what: string, stop: AbortSignal, act: (signal: AbortSignal) => Promise<T>) => {
    using scope = openScope(o.clock, { what, timeoutMs: ATTEMPT_TIMEOUT_MS, parent: stop });
    return await orAborted(act(scope.signal), scope.signal);
  };

  /** @returns undefined where it was superseded or refused */
  const publishUntilDone = async (answer: Answer, stop: AbortSignal): Promise<Published | undefined> => {
    for (let tries = 1; !stop.aborted && !stoodDown; tries++) {
      try {
        const published = await attempt('publishing', stop, (inner) => o.target.publish(answer, inner));
        trouble = undefined;
        o.events.published(answer, published);
        return published;
      } catch (error) {
        if (stop.aborted) return undefined;
        trouble = toErrorRecord(error);
        if (isHoldfastError(error) && NEWER_LEADER.has(error.code)) {
          stoodDown = true;
          o.events.refused(answer, trouble);
          return undefined;
        }
        o.events.failed(answer, trouble, tries);
        await pause(Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), LONGEST_RETRY_MS), stop);
      }
    }
    return undefined;
  };

  /** Waits about that long; at an abort it just ends. */
  const pause = async (ms: number, stop: AbortSignal): Promise<void> => {
    await o.clock.sleep(ms * (0.9 + 0.2 * o.random()), stop).catch(() => {});
  };

  const observeUntilSuperseded = async (answer: Answer, stop: AbortSignal): Promise<void> => {
    while (!stop.aborted && !stoodDown) {
      try {
        o.events.observed(answer, await attempt('observing', stop, (inner) => o.target.observe(inner)));
      } catch (error) {
        if (stop.aborted) return;
        o.events.unobserved(answer, toErrorRecord(error));
      }
      await pause(o.observeEveryMs, stop);
    }
  };

  return {
    get trouble() {
      return trouble;
    },
    submit(answer, saved) {
      current.abort(new Error('superseded'));
      current = new AbortController();
      const stop = AbortSignal.any([signal, current.signal]);
      const before = work;
      const result = (async () => {
        await before;
        await saved;
        return publishUntilDone(answer, stop);
      })();
      work = result.then((published) => {
        if (published === undefined) return;
        void observeUntilSuperseded(answer, stop);
      });
      return result;
    },
    async [Symbol.asyncDispose]() {
      end.abort(new Error('the publisher stopped'));
      await work;
    },
  };
}
