import { SystemClock } from '../src/base/clock.ts';

const clock = new SystemClock();
const POLL_MS = 20;
/** Longer than anything takes on a busy machine; a test that waits in vain fails with what it waited for. */
const PATIENCE_MS = 20_000;

/** Polls until the check gives something true. @param what for the message, e.g. `both have answered` */
export async function until(
  check: () => unknown | Promise<unknown>,
  what = 'the condition holds',
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + PATIENCE_MS;
  while (!(await check())) {
    if (clock.monotonicMs() > deadlineMs)
      throw new Error(`waited ${PATIENCE_MS / 1_000} s in vain until ${what}`);
    await clock.sleep(POLL_MS);
  }
}
