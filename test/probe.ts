import type { Clock } from '../src/base/clock.ts';
import { SystemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/log.ts';
import { Secret } from '../src/base/secret.ts';
import type { ProbeContext, ProbeKind, ProbeResult, ProbeTarget } from '../src/probes/probe.ts';
import { runProbe } from '../src/probes/run-probe.ts';

/** Runs a kind once as the watcher does; `args` are as in a site file and go through the kind's schema. */
export function probeOnce<A>(
  kind: ProbeKind<A>,
  args: unknown,
  o: {
    target?: ProbeTarget;
    timeoutMs?: number;
    signal?: AbortSignal;
    clock?: Clock;
    secrets?: Record<string, string>;
  } = {},
): Promise<ProbeResult> {
  return runProbe(kind, kind.args.parse(args), o.target ?? { member: 'm1', address: '127.0.0.1' }, {
    clock: o.clock ?? new SystemClock(),
    timeoutMs: o.timeoutMs ?? 5_000,
    signal: o.signal ?? new AbortController().signal,
    log: silentLogger,
    secret: async (reference) => {
      const value = o.secrets?.[reference];
      if (value === undefined) throw new Error(`no secret ${reference} in this test`);
      return new Secret(reference, value);
    },
  });
}

/** Runs a kind without the runner, so that what the kind itself does of a stop or a deadline shows. */
export function probeBare<A>(
  kind: ProbeKind<A>,
  args: unknown,
  signal: AbortSignal,
  target: ProbeTarget = { member: 'm1', address: '127.0.0.1' },
): Promise<ProbeResult> {
  const ctx: ProbeContext = {
    clock: new SystemClock(),
    signal,
    timeoutMs: 5_000,
    log: silentLogger,
    target,
    secret: (reference) => Promise.reject(new Error(`no secret ${reference} in this test`)),
  };
  return kind.run(ctx, kind.args.parse(args));
}
