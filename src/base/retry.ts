import type { Clock } from './clock.ts';
import { isRetryable } from './errors.ts';
import { throwIfAborted } from './interrupt.ts';

export interface RetryPolicy {
  readonly attempts: number;
  readonly firstDelayMs: number;
  /** Delays double up to this. */
  readonly longestDelayMs: number;
  /** 0…1 from an injected source: each delay is spread over its upper half, so that many clients do not march in step. */
  readonly random: () => number;
}

/**
 * Calls `work` until it succeeds, fails for good, or the attempts are used up. Never tries again after an abort,
 * and never what is not `retryable`.
 */
export async function retry<T>(
  clock: Clock,
  policy: RetryPolicy,
  signal: AbortSignal,
  work: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal);
    try {
      return await work(attempt);
    } catch (error) {
      if (signal.aborted || attempt >= policy.attempts || !isRetryable(error)) throw error;
      await clock.sleep(delayMs(policy, attempt), signal);
    }
  }
}

function delayMs(policy: RetryPolicy, attempt: number): number {
  const fullMs = Math.min(policy.firstDelayMs * 2 ** (attempt - 1), policy.longestDelayMs);
  return fullMs / 2 + (fullMs / 2) * policy.random();
}
