/**
 * From the disk back to a state: the answer that stood stands, until probes say otherwise. Pure.
 *
 * Verdicts are believed but not counted as seen: leaving a member takes `fall` failures after the restart, moving to
 * one takes a fresh result of it, and the time it has to be well before a failback begins anew. What the site file no longer knows is dropped.
 */
import type { Reason } from '../base/reason.ts';
import type { MemberName } from '../site/model.ts';
import { remember } from './change.ts';
import { type Damping, undamped } from './damping.ts';
import { type EndpointState, initialState, noFailback, type Override } from './endpoint-state.ts';
import { type MemberState, type ProbeHealth, statusOf, unjudged, unjudgedProbe } from './health.ts';
import type { Moment } from './moment.ts';
import type { WatchPolicy } from './policy.ts';
import { reasons } from './reasons.ts';
import { sameMembers } from './select.ts';
import type { Stored } from './stored.ts';

/**
 * The restored answer carries a new epoch, because this is a new leadership: it is to be published at once, as soon
 * as the returned state is on disk.
 * @param stored parsed by `storedSchema`
 */
export function restore(stored: Stored, policy: WatchPolicy, at: Moment): EndpointState {
  const rebase = rebaser(stored, at);
  const known = new Map(stored.members.map((member) => [member.name, member]));
  const fresh = initialState(policy, at);
  const base: EndpointState = {
    ...fresh,
    revision: 1,
    epoch: stored.epoch + 1,
    changedAtMs: rebase(stored.changedAtMs),
    members: policy.members.map(({ name }) => restoreMember(known.get(name), name, policy, at, rebase)),
    allDownSince: stored.allDownSince,
    override: restoreOverride(stored, policy, rebase),
    failback: { ...noFailback, heldBy: stored.heldBy },
    history: stored.history,
  };
  return restoreAnswer(base, stored, policy, at);
}

type Rebase = (storedMs: number | undefined) => number | undefined;

/**
 * Monotonic times of another process in terms of this one's. The time in between is read off the wall clock; where
 * that went back, no time counts as passed, so a hold-down or an override lasts longer rather than shorter.
 */
function rebaser(stored: Stored, at: Moment): Rebase {
  const awayMs = Math.max(0, at.wall - stored.savedAt.wall);
  const shiftMs = at.monotonicMs - awayMs - stored.savedAt.monotonicMs;
  return (storedMs) => (storedMs === undefined ? undefined : storedMs + shiftMs);
}

function restoreMember(
  stored: Stored['members'][number] | undefined,
  name: MemberName,
  policy: WatchPolicy,
  at: Moment,
  rebase: Rebase,
): MemberState {
  const blank = unjudged(name, policy.probes, at);
  if (stored === undefined) return blank;
  const verdicts = new Map(stored.probes.map((probe) => [probe.name, probe]));
  const probes = policy.probes.map((probe): ProbeHealth => {
    const verdict = verdicts.get(probe);
    return verdict === undefined
      ? unjudgedProbe(probe, blank.because, at.wall)
      : { ...verdict, streak: 0, doubtedAtMs: at.monotonicMs, seen: false };
  });
  const status = statusOf(probes);
  const same = status === stored.status;
  const damping: Damping =
    stored.damping.penalty === 0
      ? undamped
      : { ...stored.damping, atMs: rebase(stored.damping.atMs) ?? at.monotonicMs };
  return {
    ...blank,
    status,
    since: same ? stored.since : at.wall,
    because: same ? stored.because : blank.because,
    drained: stored.drained,
    damping,
    probes,
  };
}

function restoreOverride(stored: Stored, policy: WatchPolicy, rebase: Rebase): Override | undefined {
  if (stored.override === undefined) return undefined;
  const members = stored.override.members.filter((name) => policy.memberIndex.has(name));
  if (members.length === 0) return undefined;
  const { by, since, until } = stored.override;
  return { members, by, since, until, untilMs: rebase(stored.override.untilMs) };
}

/** The members that answered, as far as the site file still has them and its policy allows them together. */
function restoreAnswer(state: EndpointState, stored: Stored, policy: WatchPolicy, at: Moment): EndpointState {
  if (stored.answer === undefined) return state;
  const wanted = state.override?.members ?? stored.answer.members;
  const members = fitting(wanted, policy);
  if (members.length === 0) return { ...state, allDownSince: undefined };
  const { epoch } = state;
  const same = sameMembers(members, stored.answer.members);
  const because: Reason = same ? stored.answer.because : reasons.of('watch/site-changed', { members });
  const answered = { ...state, answer: { members, ttlMs: policy.ttlMs, epoch, because } };
  if (same) return { ...answered, answeredAt: stored.answeredAt };
  const from = stored.answer.members;
  const line = { at: at.wall, kind: 'site-changed' as const, epoch, from, to: members, because };
  return { ...answered, answeredAt: at.wall, history: remember(state, line) };
}

function fitting(wanted: readonly MemberName[], policy: WatchPolicy): readonly MemberName[] {
  const set = new Set(wanted);
  const members = policy.members.filter(({ name }) => set.has(name)).map(({ name }) => name);
  return policy.policy === 'failover' || !policy.manyMembers ? members.slice(0, 1) : members;
}
