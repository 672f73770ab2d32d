/** Every probe once, and what clients get: the check that a runbook does by eye. */
import { openScope, orAborted } from '../base/abort.ts';
import { type ErrorRecord, toErrorRecord } from '../base/errors.ts';
import { limit } from '../base/limit.ts';
import type { Reason } from '../base/reason.ts';
import type { Answer, Observed } from '../drivers/driver.ts';
import type { ProbeResult } from '../probes/probe.ts';
import type { Endpoint, EndpointName, MemberName } from '../site/model.ts';
import { driftOf } from './drift.ts';
import { type DriverWorld, targetOf } from './driver-target.ts';
import { effectiveProbes } from './effective-probes.ts';
import { type ProbeRunner, runSpec } from './probe-runner.ts';
import { reasons } from './reasons.ts';
import type { StateStore } from './state.ts';

export type VerifyLine = { readonly endpoint: EndpointName; readonly ok: boolean } & (
  | {
      readonly check: 'probe';
      readonly member: MemberName;
      readonly probe: string;
      readonly result: ProbeResult;
    }
  | { readonly check: 'clients'; readonly observed: Observed; readonly because: Reason }
  | { readonly check: 'clients'; readonly error: ErrorRecord }
);

const OBSERVE_TIMEOUT_MS = 10_000;

export interface VerifyOptions extends DriverWorld, ProbeRunner {
  readonly endpoints: readonly Endpoint[];
  /** The answers that stand, to hold what clients get against. */
  readonly store: StateStore;
  readonly signal: AbortSignal;
}

/** All lines, in the order of the site file. Never stops at the first that is not well. */
export async function verify(o: VerifyOptions): Promise<readonly VerifyLine[]> {
  const gate = limit(o.site.watch.concurrency);
  const work = o.endpoints.flatMap((endpoint) => [
    ...probeWork(o, endpoint),
    () => verifyClients(o, endpoint),
  ]);
  return Promise.all(work.map((one) => gate.run(one, o.signal)));
}

function probeWork(o: VerifyOptions, endpoint: Endpoint): (() => Promise<VerifyLine>)[] {
  const specs = effectiveProbes(o.site, o.stacks, endpoint);
  return endpoint.members.flatMap((member) =>
    specs.map((spec) => async (): Promise<VerifyLine> => {
      const result = await runSpec(o, spec, member, endpoint.timeoutMs, o.signal);
      const ok = result.status === 'up';
      return { check: 'probe', endpoint: endpoint.name, member: member.name, probe: spec.name, ok, result };
    }),
  );
}

async function verifyClients(o: VerifyOptions, endpoint: Endpoint): Promise<VerifyLine> {
  const line = { check: 'clients', endpoint: endpoint.name } as const;
  using scope = openScope(o.clock, {
    what: 'asking as a client',
    timeoutMs: OBSERVE_TIMEOUT_MS,
    parent: o.signal,
  });
  try {
    const target = await targetOf(o, endpoint);
    const observed = await orAborted(target.observe(scope.signal), scope.signal);
    const wanted = (await o.store.load(endpoint.name))?.answer;
    const wrong = wrongFor(endpoint, observed, wanted);
    const because = wrong ?? reasons.of('watch/clients-get', { members: observed.members });
    return { ...line, ok: wrong === undefined, observed, because };
  } catch (error) {
    if (o.signal.aborted) throw error;
    return { ...line, ok: false, error: toErrorRecord(error) };
  }
}

/** Against the answer that stands; where none was ever decided, against the members. */
function wrongFor(endpoint: Endpoint, observed: Observed, wanted: Answer | undefined): Reason | undefined {
  if (wanted !== undefined) return driftOf(wanted, observed, endpoint.policy);
  if (observed.strangers.length > 0) {
    return reasons.of('watch/drift-strangers', { strangers: observed.strangers });
  }
  return observed.members.length === 0 ? reasons.of('watch/clients-get-nothing') : undefined;
}
