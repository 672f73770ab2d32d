import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { probeOnce } from '../../test/probe.ts';
import { SimClock } from '../../test/sim-clock.ts';
import type { ProbeContext, ProbeKind, ProbeResult } from './probe.ts';
import { beginAsking } from './verdict/evidence.ts';

function kindThat(run: (ctx: ProbeContext) => Promise<ProbeResult>): ProbeKind<object> {
  return {
    kind: 'made-up',
    summary: { en: '', zh: '' },
    args: z.strictObject({}),
    reasons: {},
    title: () => 'ask something',
    run,
  };
}
const never = (): Promise<ProbeResult> => new Promise(() => {});

describe('running a probe', () => {
  test('gives what the kind found, with the time it took on the monotonic clock', async () => {
    const clock = new SimClock();
    const kind = kindThat(async (ctx) => {
      const asking = beginAsking(ctx.clock, 'a', 'b');
      await ctx.clock.sleep(30, ctx.signal);
      clock.jumpWall(3_600_000);
      return asking.up('fine', { code: 'x', params: {} });
    });
    const running = probeOnce(kind, {}, { clock });
    await clock.advance(30);
    expect(await running).toMatchObject({ status: 'up', got: 'fine', tookMs: 30, at: Date.UTC(2026, 0, 1) });
  });

  test('is down where the kind does not end within its deadline', async () => {
    const clock = new SimClock();
    const running = probeOnce(kindThat(never), {}, { clock, timeoutMs: 2_000 });
    await clock.advance(2_000);
    expect(await running).toMatchObject({
      status: 'down',
      asked: 'ask something',
      got: 'no end within 2s',
      tookMs: 2_000,
      because: { code: 'probe/no-end', params: { time: '2s' } },
    });
  });

  test('keeps the verdict of a kind that saw the deadline and knows what it was waiting for', async () => {
    const clock = new SimClock();
    const kind = kindThat(async (ctx) => {
      const asking = beginAsking(ctx.clock, 'a', 'b');
      await ctx.clock.sleep(60_000, ctx.signal).catch(() => {});
      return asking.down('no greeting', { code: 'own', params: {} });
    });
    const running = probeOnce(kind, {}, { clock, timeoutMs: 100 });
    await clock.advance(100);
    expect(await running).toMatchObject({ status: 'down', because: { code: 'own' } });
  });

  test('is unknown, never down, where the kind throws something of its own', async () => {
    const kind = kindThat(() => Promise.reject(new TypeError('a defect')));
    expect(await probeOnce(kind, {})).toMatchObject({
      status: 'unknown',
      got: 'a defect',
      because: { code: 'probe/broken', params: { member: 'm1', detail: 'a defect' } },
    });
  });

  test('is unknown too where the kind throws before it returns a promise', async () => {
    const kind = kindThat(() => {
      throw new TypeError('a defect');
    });
    expect(await probeOnce(kind, {})).toMatchObject({ status: 'unknown', got: 'a defect' });
  });

  test('rejects with the cause of the stop, at once, and asks nothing where it was stopped before', async () => {
    const stop = new AbortController();
    const stopped = probeOnce(kindThat(never), {}, { signal: stop.signal });
    stop.abort(new Error('Ctrl-C'));
    await expect(stopped).rejects.toThrow('Ctrl-C');
    let asked = false;
    const kind = kindThat(() => {
      asked = true;
      return never();
    });
    await expect(probeOnce(kind, {}, { signal: stop.signal })).rejects.toThrow('Ctrl-C');
    expect(asked).toBe(false);
  });
});
