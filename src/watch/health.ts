/** From single probe results to a verdict on a member: rise and fall, as in HAProxy and keepalived. Pure. */
import type { Instant } from '../base/clock.ts';
import type { Reason } from '../base/reason.ts';
import type { ProbeStatus } from '../probes/probe.ts';
import type { MemberName } from '../site/model.ts';
import { type Damping, penalise, undamped } from './damping.ts';
import type { Moment } from './moment.ts';
import type { WatchPolicy } from './policy.ts';
import { reasons } from './reasons.ts';

/** `unknown`: never judged. It is no reason to use a member, and none to leave it. */
export type HealthStatus = 'up' | 'down' | 'unknown';

/** The verdict of one probe on one member. */
export interface ProbeHealth {
  readonly name: string;
  readonly status: HealthStatus;
  /** Consecutive results against the status. */
  readonly streak: number;
  /** Monotonic; since when the verdict is in doubt: the first result of the streak, or the restart. */
  readonly doubtedAtMs: number | undefined;
  /** Whether there was a result since this process began: a restored verdict is believed, but not called well. */
  readonly seen: boolean;
  readonly since: Instant;
  readonly because: Reason;
}

/** What is known of one member. */
export interface MemberState {
  readonly name: MemberName;
  readonly status: HealthStatus;
  readonly since: Instant;
  readonly because: Reason;
  /** Since when every probe is up and not a single result was down. */
  readonly wellSince: Moment | undefined;
  /** Set where a person takes it out. */
  readonly drained: { readonly by: string; readonly since: Instant } | undefined;
  readonly damping: Damping;
  /** In the order of the policy's probes. */
  readonly probes: readonly ProbeHealth[];
}

/** A member nobody has asked yet. */
export function unjudged(name: MemberName, probes: readonly string[], at: Moment): MemberState {
  const because = reasons.of('watch/never-judged', { member: name });
  return {
    name,
    status: 'unknown',
    since: at.wall,
    because,
    wellSince: undefined,
    drained: undefined,
    damping: undamped,
    probes: probes.map((probe) => unjudgedProbe(probe, because, at.wall)),
  };
}

export function unjudgedProbe(name: string, because: Reason, since: Instant): ProbeHealth {
  return { name, status: 'unknown', streak: 0, doubtedAtMs: undefined, seen: false, since, because };
}

/**
 * One result on one probe. Returns the very same object where nothing changed, which is the case nearly always.
 * From `unknown`, one good result is up (nothing contradicts it), but down still takes `fall` of them.
 */
export function applyResult(
  health: ProbeHealth,
  result: { status: ProbeStatus; because: Reason },
  at: Moment,
  o: { rise: number; fall: number },
): ProbeHealth {
  if (result.status === 'unknown') return health;
  if (result.status === health.status) {
    return health.streak === 0 && health.seen
      ? health
      : { ...health, streak: 0, doubtedAtMs: undefined, seen: true };
  }
  const needed = result.status === 'down' ? o.fall : health.status === 'unknown' ? 1 : o.rise;
  const streak = health.streak + 1;
  if (streak < needed) {
    return { ...health, streak, seen: true, doubtedAtMs: health.doubtedAtMs ?? at.monotonicMs };
  }
  return {
    name: health.name,
    status: result.status,
    streak: 0,
    doubtedAtMs: undefined,
    seen: true,
    since: at.wall,
    because: result.because,
  };
}

/** One result on one of a member's probes. The same object comes back where nothing changed. */
export function applyToMember(
  member: MemberState,
  probe: number,
  result: { status: ProbeStatus; because: Reason },
  at: Moment,
  policy: WatchPolicy,
): MemberState {
  const before = member.probes[probe];
  if (before === undefined) return member;
  const after = applyResult(before, result, at, policy);
  if (after === before) return member;
  const probes = member.probes.with(probe, after);
  const status = statusOf(probes);
  const well = status === 'up' && probes.every((one) => one.streak === 0 && one.seen);
  const wellSince = well ? (member.wellSince ?? at) : undefined;
  if (status === member.status) return { ...member, probes, wellSince };
  const fell = member.status === 'up' && status === 'down';
  return {
    ...member,
    probes,
    wellSince,
    status,
    since: at.wall,
    because: reasonFor(member.name, status, probes),
    damping: fell ? penalise(member.damping, at.monotonicMs, policy.damping) : member.damping,
  };
}

/** All probes up: up. Any down: down. Otherwise not known. */
export function statusOf(probes: readonly ProbeHealth[]): HealthStatus {
  let status: HealthStatus = 'up';
  for (const probe of probes) {
    if (probe.status === 'down') return 'down';
    if (probe.status === 'unknown') status = 'unknown';
  }
  return status;
}

/**
 * Up, but the last result was down, or there was none since the restart: too early to say. Not for ever: a doubt that nothing resolves (the prober broke
 * meanwhile) no longer counts after the policy's grace.
 */
export function isDoubted(member: MemberState, nowMs: number, policy: WatchPolicy): boolean {
  return (
    member.status === 'up' &&
    member.probes.some(
      (probe) => probe.doubtedAtMs !== undefined && nowMs < probe.doubtedAtMs + policy.graceMs,
    )
  );
}

function reasonFor(member: MemberName, status: HealthStatus, probes: readonly ProbeHealth[]): Reason {
  const culprit = probes.find((probe) => probe.status === status);
  if (status === 'down' && culprit !== undefined) {
    return reasons.of('watch/member-down', { member, probe: culprit.name, why: culprit.because });
  }
  if (status === 'up') return reasons.of('watch/member-up', { member });
  return reasons.of('watch/never-judged', { member });
}
