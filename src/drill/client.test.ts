import { describe, expect, it } from 'vitest';
import { SimClock } from '../../test/sim-clock.ts';
import { type ClientOptions, runClient } from './client.ts';
import type { Sample } from './outage.ts';

const ACTIVE = '10.0.0.1';
const STANDBY = '10.0.0.2';

async function seen(durationMs: number, o: Partial<ClientOptions> & { clock: SimClock }): Promise<Sample[]> {
  const samples: Sample[] = [];
  const stop = new AbortController();
  const running = runClient(
    {
      resolve: async () => ({ addresses: [ACTIVE], ttlMs: 1_000 }),
      fetch: async () => {},
      members: new Set([ACTIVE, STANDBY]),
      periodMs: 100,
      timeoutMs: 250,
      onSample: (sample) => samples.push(sample),
      ...o,
    },
    stop.signal,
  );
  await o.clock.advance(durationMs);
  stop.abort(new Error('end of test'));
  await running;
  return samples;
}

describe('runClient', () => {
  it('asks the DNS again only when the TTL has passed', async () => {
    const clock = new SimClock();
    let asked = 0;
    const resolve = async () => {
      asked++;
      return { addresses: [ACTIVE], ttlMs: 1_000 };
    };

    const samples = await seen(1_950, { clock, resolve });

    expect(samples.length).toBe(20);
    expect(asked).toBe(2);
  });

  it('records a request that hangs as failed after its time limit, and goes on', async () => {
    const clock = new SimClock();
    const fetch = (address: string) =>
      clock.monotonicMs() < 50 && address === ACTIVE ? new Promise<void>(() => {}) : Promise.resolve();

    const samples = await seen(500, { clock, fetch });

    expect(samples[0]).toMatchObject({ ok: false, endedMs: 250, address: ACTIVE });
    expect(samples[1]).toMatchObject({ ok: true });
  });

  it('counts an address that is no member as a wrong answer even if it serves', async () => {
    const clock = new SimClock();
    const resolve = async () => ({ addresses: ['127.0.0.1'], ttlMs: 0 });

    const samples = await seen(50, { clock, resolve });

    expect(samples[0]).toMatchObject({ ok: true, wrongAnswer: true });
  });

  it('counts an empty answer as wrong and failed', async () => {
    const clock = new SimClock();
    const resolve = async () => ({ addresses: [], ttlMs: 0 });

    const samples = await seen(50, { clock, resolve });

    expect(samples[0]).toMatchObject({
      ok: false,
      wrongAnswer: true,
      error: 'the name resolved to no address',
    });
  });
});
