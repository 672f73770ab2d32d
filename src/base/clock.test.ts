import { describe, expect, it } from 'vitest';
import { formatInstant, SystemClock } from './clock.ts';

describe('SystemClock', () => {
  it('rejects a sleep with the reason of its signal', async () => {
    const controller = new AbortController();
    const sleeping = new SystemClock().sleep(60_000, controller.signal);

    controller.abort(new Error('woken'));

    await expect(sleeping).rejects.toThrow('woken');
  });

  it('does not fire at once for a wait longer than a timer can hold', async () => {
    const controller = new AbortController();
    let woke = false;
    const sleeping = new SystemClock().sleep(2 ** 40, controller.signal).then(() => {
      woke = true;
    });

    await new SystemClock().sleep(5);
    expect(woke).toBe(false);
    controller.abort(new Error('done'));
    await expect(sleeping).rejects.toThrow('done');
  });

  it('never goes back on the monotonic clock', () => {
    const clock = new SystemClock();
    const before = clock.monotonicMs();

    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(before);
  });
});

describe('formatInstant', () => {
  it('writes ISO 8601 in UTC', () => {
    expect(formatInstant(0)).toBe('1970-01-01T00:00:00.000Z');
  });
});
