/** What the stacks behind an endpoint say of every host, each asked in one round trip. */
import { gatherFacts } from '../hosts/facts/gather.ts';
import type { ProbeResult } from '../probes/probe.ts';
import type { Endpoint, HostName, Member } from '../site/model.ts';
import type { StackWorld } from '../stacks/stack-world.ts';
import { stacksBehind } from './effective-probes.ts';

export interface CheckedHost {
  readonly host: HostName;
  readonly check: string;
  readonly result: ProbeResult;
}

/** @param active whom clients get now @throws only the signal's reason */
export async function checkHosts(
  o: StackWorld,
  endpoint: Endpoint,
  active: readonly Member[],
): Promise<CheckedHost[]> {
  const behind = stacksBehind(o.site, endpoint)
    .map((spec) => ({ spec, stack: o.stacks.get(spec.kind) }))
    .filter(({ stack }) => stack.hostChecks !== undefined);
  if (behind.length === 0) return [];
  const [at, startMs] = [o.clock.now(), o.clock.monotonicMs()];
  const queries = behind.flatMap(({ spec, stack }) => stack.facts(o.site, spec));
  const facts = await gatherFacts(queries, o.hosts, { clock: o.clock, signal: o.signal });
  const tookMs = o.clock.monotonicMs() - startMs;
  return behind.flatMap(({ spec, stack }) =>
    (stack.hostChecks?.(o.site, spec, facts, active) ?? []).map(({ host, check, ok, ...evidence }) => ({
      host,
      check,
      result: { status: ok ? 'up' : 'down', ...evidence, at, tookMs },
    })),
  );
}
