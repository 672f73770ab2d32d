import { describe, expect, it } from 'vitest';
import { SimClock } from '../../test/sim-clock.ts';
import { HoldfastError } from './errors.ts';
import { retry } from './retry.ts';

const failure = (retryable: boolean): HoldfastError =>
  new HoldfastError({ code: 'test/failed', message: 'failed', hint: 'none', retryable });
const policy = { attempts: 3, firstDelayMs: 100, longestDelayMs: 150, random: () => 1 };

describe('retry', () => {
  it('tries again after growing delays until it succeeds', async () => {
    const clock = new SimClock();
    const startedMs: number[] = [];
    const work = retry(clock, policy, new AbortController().signal, async (attempt) => {
      startedMs.push(clock.monotonicMs());
      if (attempt < 3) throw failure(true);
      return 'done';
    });

    await clock.advance(1_000);

    await expect(work).resolves.toBe('done');
    expect(startedMs).toEqual([0, 100, 250]);
  });

  it('gives up after the last attempt with its error', async () => {
    const clock = new SimClock();
    let calls = 0;
    const work = retry(clock, policy, new AbortController().signal, async () => {
      calls++;
      throw failure(true);
    });
    const settled = expect(work).rejects.toThrow('failed');

    await clock.advance(1_000);
    await settled;

    expect(calls).toBe(3);
  });

  it('does not try again what is not retryable', async () => {
    let calls = 0;
    const work = retry(new SimClock(), policy, new AbortController().signal, async () => {
      calls++;
      throw failure(false);
    });

    await expect(work).rejects.toThrow('failed');
    expect(calls).toBe(1);
  });

  it('never tries again after an abort', async () => {
    const controller = new AbortController();
    let calls = 0;
    const work = retry(new SimClock(), policy, controller.signal, async () => {
      calls++;
      controller.abort(new Error('stop'));
      throw failure(true);
    });

    await expect(work).rejects.toThrow('failed');
    expect(calls).toBe(1);
  });
});
