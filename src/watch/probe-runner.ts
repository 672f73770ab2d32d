/** Running one probe of the site file against one member. */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Registry } from '../base/registry.ts';
import type { Secret } from '../base/secret.ts';
import type { ProbeKind, ProbeResult } from '../probes/probe.ts';
import { runProbe } from '../probes/run-probe.ts';
import type { Member, ProbeSpec, Site } from '../site/model.ts';
import type { SecretRef } from '../site/secret-ref.ts';
import type { Stack } from '../stacks/stack.ts';

/* biome-ignore-start lint/suspicious/noExplicitAny: a family's members have different argument types */
export interface ProbeRunner {
  readonly site: Site;
  readonly clock: Clock;
  readonly log: Logger;
  readonly probeKinds: Registry<ProbeKind<any>>;
  readonly stacks: Registry<Stack<any>>;
  secret(reference: SecretRef): Promise<Secret>;
}
/* biome-ignore-end lint/suspicious/noExplicitAny: a family's members have different argument types */

/**
 * Runs the probe once, under its own deadline or the default.
 * @throws UnknownNameError where the kind does not exist; otherwise only the reason of the signal
 */
export function runSpec(
  runner: ProbeRunner,
  spec: ProbeSpec,
  member: Member,
  defaultTimeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const { clock, log } = runner;
  const timeoutMs = spec.timeoutMs ?? defaultTimeoutMs;
  const kind = runner.probeKinds.get(spec.kind);
  const target = { member: member.name, address: member.address };
  return runProbe(kind, spec.args, target, {
    clock,
    log,
    timeoutMs,
    signal,
    secret: (reference) => runner.secret(reference),
  });
}
