import { SystemClock } from '../src/base/clock.ts';

const clock = new SystemClock();
const POLL_MS = 20;
/** Longer than anything takes on a busy machine; a test that waits in vain fails with what it waited for. */
const PATIENCE_MS = 20_000;

/**
 * Polls until the check gives something true.
 * @param what for the message, e.g. `both have answered`
 * @param patienceMs for what takes long by itself: a host that boots, a watcher that counts
 */
export async function until(
  check: () => unknown | Promise<unknown>,
  what = 'the condition holds',
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + patienceMs;
  while (!(await check())) {
    if (clock.monotonicMs() > deadlineMs)
      throw new Error(`waited ${patienceMs / 1_000} s in vain until ${what}`);
    await clock.sleep(POLL_MS);
  }
}
