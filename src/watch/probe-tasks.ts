/** Every probe of every member of an endpoint, for the observer. */
import { effectiveProbes } from './effective-probes.ts';
import type { EndpointWatch } from './endpoint-watch.ts';
import type { ProbeTask } from './observe.ts';
import { type ProbeRunner, runSpec } from './probe-runner.ts';

/** Their results go to the endpoint's decision. */
export function tasksOf(o: ProbeRunner, watch: EndpointWatch): ProbeTask[] {
  const { endpoint } = watch;
  const specs = effectiveProbes(o.site, o.stacks, endpoint);
  return endpoint.members.flatMap((member) =>
    specs.map((spec) => ({
      name: `${endpoint.name}/${member.name}/${spec.name}`,
      group: endpoint.name,
      intervalMs: endpoint.intervalMs,
      timeoutMs: spec.timeoutMs ?? endpoint.timeoutMs,
      run: (signal: AbortSignal) => runSpec(o, spec, member, endpoint.timeoutMs, signal),
      onResult: (result) => watch.probed(member.name, spec.name, result),
    })),
  );
}

/** Whether every probe of every member has given a verdict since the start, or cannot. */
export function isJudged(watch: EndpointWatch): boolean {
  return watch.state.members.every((member) =>
    member.probes.every((probe) => {
      const last = watch.results.get(`${member.name}/${probe.name}`);
      if (last?.status === 'unknown') return true;
      return probe.seen && probe.streak === 0 && probe.status !== 'unknown';
    }),
  );
}
