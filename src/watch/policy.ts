/** What `decide` needs to know of an endpoint: the site file's words, looked up once instead of at every event. */
import type { DriverSupports } from '../drivers/driver.ts';
import type { Endpoint, EndpointName, MemberName, PolicyName, ProbeSpec } from '../site/model.ts';
import { type DampingPolicy, defaultDamping } from './damping.ts';

export interface WatchPolicy {
  readonly endpoint: EndpointName;
  readonly policy: PolicyName;
  /** In order of preference. */
  readonly members: readonly PolicyMember[];
  readonly memberIndex: ReadonlyMap<MemberName, number>;
  /** Names of the probes that must all be up for a member to be up. */
  readonly probes: readonly string[];
  readonly probeIndex: ReadonlyMap<string, number>;
  readonly rise: number;
  readonly fall: number;
  readonly ttlMs: number;
  readonly holdDownMs: number;
  readonly failback: { readonly mode: 'auto' | 'manual'; readonly afterMs: number };
  readonly damping: DampingPolicy;
  /** Whether the driver can answer with more than one member. */
  readonly manyMembers: boolean;
  /** Whether the members move the endpoint among themselves (`DriverSupports.hostsDecide`). */
  readonly hostsDecide: boolean;
  /** How long to wait for a verdict that is not there yet: a first one, or one in doubt. */
  readonly graceMs: number;
  /** How long to wait after a parity check that failed before the next. */
  readonly parityRecheckMs: number;
  /** A parity check without a result after this is lost: it is asked again, or its command refused. */
  readonly parityTimeoutMs: number;
  /** False: nothing happens but by command (a command without a running watcher). */
  readonly automatic: boolean;
}

export interface PolicyMember {
  readonly name: MemberName;
  readonly weight: number;
}

/** A comparison reads both members: often enough to fail back soon after parity, seldom enough to cost nothing. */
const PARITY_RECHECK_MS = { shortest: 1_000, longest: 30_000, shareOfFailback: 1 / 10 };
/** Only a net: a check that ends in any way is heard of. Comparing two registries takes minutes. */
const PARITY_TIMEOUT_MS = 900_000;

/**
 * @param probes the endpoint's own, or those of the stack behind it (`effective-probes.ts`)
 * @param o.automatic default true
 */
export function policyOf(
  endpoint: Endpoint,
  probes: readonly ProbeSpec[],
  supports: DriverSupports,
  o: { automatic?: boolean } = {},
): WatchPolicy {
  const names = probes.map((probe) => probe.name);
  return {
    endpoint: endpoint.name,
    policy: endpoint.policy,
    members: endpoint.members.map(({ name, weight }) => ({ name, weight })),
    memberIndex: new Map(endpoint.members.map((member, index) => [member.name, index])),
    probes: names,
    probeIndex: new Map(names.map((name, index) => [name, index])),
    rise: endpoint.rise,
    fall: endpoint.fall,
    ttlMs: endpoint.ttlMs,
    holdDownMs: endpoint.holdDownMs,
    failback: endpoint.failback,
    damping: defaultDamping,
    manyMembers: supports.manyMembers,
    hostsDecide: supports.hostsDecide ?? false,
    graceMs: (endpoint.fall + 1) * (endpoint.intervalMs + endpoint.timeoutMs),
    parityRecheckMs: parityRecheckMs(endpoint.failback.afterMs),
    parityTimeoutMs: PARITY_TIMEOUT_MS,
    automatic: o.automatic ?? true,
  };
}

function parityRecheckMs(failbackAfterMs: number): number {
  const { shortest, longest, shareOfFailback } = PARITY_RECHECK_MS;
  return Math.min(longest, Math.max(shortest, failbackAfterMs * shareOfFailback));
}
