/** What `holdfast status` shows, from a running watcher or from what it stored. Pure. */
import type { Instant } from '../base/clock.ts';
import type { ErrorRecord } from '../base/errors.ts';
import type { Reason } from '../base/reason.ts';
import type { ProbeResult } from '../probes/probe.ts';
import type { Endpoint, EndpointName, MemberName, PolicyName } from '../site/model.ts';
import { isSuppressed, reuseInMs } from './damping.ts';
import { decide } from './decide.ts';
import type { Change, EndpointState } from './endpoint-state.ts';
import type { HealthStatus, MemberState } from './health.ts';
import type { Moment } from './moment.ts';
import type { WatchPolicy } from './policy.ts';

export interface WatchStatus {
  readonly site: string;
  /** The watcher that runs; absent where the endpoints are as it left them. */
  readonly watcher?: { readonly pid: number; readonly since: Instant; readonly listening: readonly string[] };
  readonly at: Instant;
  readonly endpoints: readonly EndpointStatus[];
}

export interface EndpointStatus {
  readonly name: EndpointName;
  readonly dnsName?: string;
  readonly driver: string;
  readonly policy: PolicyName;
  /** What clients are to get; absent where nothing was decided yet. */
  readonly answer?: {
    readonly members: readonly MemberName[];
    readonly epoch: number;
    readonly ttlMs: number;
    readonly since: Instant;
    readonly because: Reason;
  };
  /** What stands now: all well, or what it waits for. */
  readonly now: Reason;
  readonly published?: { readonly epoch: number; readonly at: Instant };
  /** Why the answer is not published. */
  readonly trouble?: ErrorRecord;
  /** What clients got other than the answer when it was looked at last. */
  readonly drift?: Reason;
  /** Since when the state cannot be saved. */
  readonly unsavedSince?: Instant;
  /** Why nothing is decided. */
  readonly frozen?: ErrorRecord;
  readonly stoodDownSince?: Instant;
  readonly allDownSince?: Instant;
  readonly override?: {
    readonly members: readonly MemberName[];
    readonly by: string;
    readonly since: Instant;
    readonly until?: Instant;
  };
  readonly members: readonly MemberStatus[];
  /** Newest first. */
  readonly history: readonly Change[];
}

export interface MemberStatus {
  readonly name: MemberName;
  readonly address: string;
  readonly active: boolean;
  readonly status: HealthStatus;
  readonly since: Instant;
  readonly because: Reason;
  readonly drained?: { readonly by: string; readonly since: Instant };
  /** Set where it is passed over for falling too often: until when, if it does not fall again. */
  readonly suppressedUntil?: Instant;
  readonly probes: readonly ProbeStatusLine[];
}

export interface ProbeStatusLine {
  readonly name: string;
  readonly status: HealthStatus;
  readonly since: Instant;
  readonly last?: ProbeResult;
}

/** What is known beside the state. */
export interface Extras {
  readonly results?: ReadonlyMap<string, ProbeResult>;
  readonly published?: { readonly epoch: number; readonly at: Instant } | undefined;
  readonly trouble?: ErrorRecord | undefined;
  readonly drift?: Reason | undefined;
  readonly unsavedSince?: Instant | undefined;
}

/** The status of one endpoint at a moment. */
export function statusOfEndpoint(
  endpoint: Endpoint,
  state: EndpointState,
  policy: WatchPolicy,
  at: Moment,
  extras: Extras = {},
): EndpointStatus {
  const { answer, override } = state;
  return {
    ...headOf(endpoint),
    ...given('answer', answer && { ...answer, since: state.answeredAt ?? at.wall }),
    now: decide(state, { type: 'tick', at }, { ...policy, automatic: true }).because,
    ...given('published', extras.published),
    ...given('trouble', extras.trouble),
    ...given('drift', extras.drift),
    ...given('unsavedSince', extras.unsavedSince),
    ...given('stoodDownSince', state.stoodDown?.since),
    ...given('allDownSince', state.allDownSince),
    ...given('override', override && describeOverride(override)),
    members: state.members.map((member) => statusOfMember(endpoint, state, member, policy, at, extras)),
    history: state.history,
  };
}

/** The status of an endpoint whose state cannot be read. */
export function statusOfFrozen(endpoint: Endpoint, error: ErrorRecord, now: Reason): EndpointStatus {
  return { ...headOf(endpoint), now, frozen: error, members: [], history: [] };
}

function headOf(endpoint: Endpoint): Pick<EndpointStatus, 'name' | 'dnsName' | 'driver' | 'policy'> {
  const { name, dnsName, policy } = endpoint;
  return { name, ...given('dnsName', dnsName), driver: endpoint.driver.kind, policy };
}

function describeOverride(
  override: NonNullable<EndpointState['override']>,
): NonNullable<EndpointStatus['override']> {
  const { members, by, since, until } = override;
  return { members, by, since, ...given('until', until) };
}

function statusOfMember(
  endpoint: Endpoint,
  state: EndpointState,
  member: MemberState,
  policy: WatchPolicy,
  at: Moment,
  extras: Extras,
): MemberStatus {
  const { name, status, since, because, drained, damping } = member;
  const suppressed = isSuppressed(damping, at.monotonicMs, policy.damping);
  const until = suppressed ? at.wall + reuseInMs(damping, at.monotonicMs, policy.damping) : undefined;
  return {
    name,
    address: endpoint.members[policy.memberIndex.get(name) ?? -1]?.address ?? '',
    active: state.answer?.members.includes(name) === true,
    status,
    since,
    because,
    ...given('drained', drained),
    ...given('suppressedUntil', until === undefined ? undefined : Math.round(until)),
    probes: member.probes.map((probe) => ({
      name: probe.name,
      status: probe.status,
      since: probe.since,
      ...given('last', extras.results?.get(`${name}/${probe.name}`)),
    })),
  };
}

/** A property that is left out where there is no value: JSON then says nothing instead of null. */
function given<K extends string, V>(key: K, value: V | undefined): { readonly [k in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [k in K]?: V };
}
