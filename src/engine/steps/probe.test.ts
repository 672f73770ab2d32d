import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fakeHost } from '../../../test/fake-host.ts';
import { SimClock } from '../../../test/sim-clock.ts';
import { silentLogger } from '../../base/log.ts';
import { registry } from '../../base/registry.ts';
import type { StepContext } from '../step.ts';
import { type Prober, probeStep } from './probe.ts';

/** Up from a moment on; `hang` never answers. */
function prober(clock: SimClock, o: { upAtMs: number; hang?: boolean }): Prober<unknown> {
  return {
    kind: 'tcp',
    args: z.unknown(),
    title: (_args, { address }) => `tcp ${address}`,
    async run({ signal }) {
      if (o.hang === true) {
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
      }
      const status = clock.monotonicMs() >= o.upAtMs ? 'up' : 'down';
      const got = status === 'up' ? 'open' : `refused at ${clock.monotonicMs()}`;
      return {
        status,
        asked: 'connect',
        got,
        expected: 'open',
        at: clock.now(),
        tookMs: 1,
        because: { code: 'x', params: {} },
      };
    },
  };
}

function make(o: { upAtMs: number; hang?: boolean }) {
  const clock = new SimClock();
  const kind = probeStep(registry<Prober<unknown>>('probe', [prober(clock, o)], ({ kind: name }) => name));
  const args = kind.args.parse({
    probe: 'tcp',
    target: { member: 'a', address: '192.0.2.1' },
    deadlineMs: 10_000,
    timeoutMs: 2_000,
  });
  const controller = new AbortController();
  const ctx: StepContext = {
    host: fakeHost('controller'),
    connect: () => Promise.reject(new Error('no other host')),
    clock,
    signal: controller.signal,
    log: silentLogger,
    secret: () => Promise.reject(new Error('none')),
    amendUndo: async () => {},
  };
  const applied = (): Promise<unknown> =>
    kind.apply(ctx, args, {}).then(
      () => 'up',
      (error: unknown) => error,
    );
  return { clock, kind, args, ctx, controller, applied };
}

describe('waiting for a probe', () => {
  it('ends when it is up', async () => {
    const { clock, applied } = make({ upAtMs: 4_500 });
    const end = applied();
    await clock.advance(4_000);
    await clock.advance(1_000);
    expect(await end).toBe('up');
    expect(clock.monotonicMs()).toBe(5_000);
  });

  it('ends at its deadline with the last answer', async () => {
    const { clock, applied } = make({ upAtMs: Number.POSITIVE_INFINITY });
    const end = applied();
    await clock.advance(10_000);
    expect(await end).toMatchObject({
      code: 'step/probe-deadline',
      message: 'tcp 192.0.2.1 did not come up within 10000 ms',
      got: 'refused at 9000',
    });
  });

  it('takes a prober that hangs for down, and asks it again', async () => {
    const { clock, applied } = make({ upAtMs: 0, hang: true });
    const end = applied();
    await clock.advance(12_000);
    expect(await end).toMatchObject({
      code: 'step/probe-deadline',
      got: expect.stringContaining('longer than'),
    });
  });

  it('stops at once when it is told to', async () => {
    const { clock, applied, controller } = make({ upAtMs: Number.POSITIVE_INFINITY });
    const end = applied();
    await clock.advance(1_500);
    const reason = new Error('stop');
    controller.abort(reason);
    await clock.advance(0);
    expect(await end).toBe(reason);
  });

  it('shows the same change while the failure varies', async () => {
    const { clock, kind, args, ctx } = make({ upAtMs: Number.POSITIVE_INFINITY });
    const first = await kind.check(ctx, args);
    await clock.advance(1);
    expect(await kind.check(ctx, args)).toEqual(first);
  });

  it('knows its probes by name', () => {
    const { kind } = make({ upAtMs: 0 });
    const parsed = kind.args.safeParse({ probe: 'ping', target: { member: 'a', address: 'b' } });
    expect(parsed.error?.issues[0]?.message).toBe("there is no probe kind 'ping'; known: tcp");
  });
});
