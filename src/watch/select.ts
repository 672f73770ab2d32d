/** Which members should answer now, by policy. Pure; knows nothing of overrides, commands and failback. */
import type { Reason } from '../base/reason.ts';
import type { MemberName } from '../site/model.ts';
import { isSuppressed } from './damping.ts';
import type { ChangeKind, EndpointState } from './endpoint-state.ts';
import { isDoubted, type MemberState } from './health.ts';
import type { WatchPolicy } from './policy.ts';
import { reasons } from './reasons.ts';

export type Choice =
  | {
      readonly kind: 'change';
      readonly members: readonly MemberName[];
      readonly as: ChangeKind;
      readonly because: Reason;
    }
  /** Nobody may answer: the last answer stays. */
  | { readonly kind: 'static'; readonly because: Reason }
  /** A verdict that is not there yet decides: nothing moves before. */
  | { readonly kind: 'wait'; readonly because: Reason }
  | { readonly kind: 'keep'; readonly because: Reason };

/** Up, and nobody took it out. Only such members may answer without a person's override. */
export function mayAnswer(member: MemberState): boolean {
  return member.status === 'up' && member.drained === undefined;
}

/** Whether automatic changes still have to wait after the last one. */
export function inHoldDown(state: EndpointState, nowMs: number, policy: WatchPolicy): boolean {
  return state.changedAtMs !== undefined && nowMs < state.changedAtMs + policy.holdDownMs;
}

/** The member at a name; undefined where the site has none of that name. */
export function memberOf(
  state: EndpointState,
  name: MemberName,
  policy: WatchPolicy,
): MemberState | undefined {
  const index = policy.memberIndex.get(name);
  return index === undefined ? undefined : state.members[index];
}

/** First in order that may answer; a suppressed one only where there is no other, one in doubt last. */
export function bestMember(
  state: EndpointState,
  nowMs: number,
  policy: WatchPolicy,
  except?: MemberName,
): MemberState | undefined {
  let suppressed: MemberState | undefined;
  let doubted: MemberState | undefined;
  for (const member of state.members) {
    if (!mayAnswer(member) || member.name === except) continue;
    if (isDoubted(member, nowMs, policy)) doubted ??= member;
    else if (isSuppressed(member.damping, nowMs, policy.damping)) suppressed ??= member;
    else return member;
  }
  return suppressed ?? doubted;
}

/** What the policy wants now. */
export function choose(state: EndpointState, nowMs: number, policy: WatchPolicy): Choice {
  if (state.answer === undefined) {
    const waiting = waitForFirst(state, nowMs, policy);
    if (waiting !== undefined) return { kind: 'wait', because: waiting };
  }
  return policy.policy === 'failover' ? chooseOne(state, nowMs, policy) : chooseMany(state, nowMs, policy);
}

/** The first answer waits until the members that would come first are judged, but not for ever. */
function waitForFirst(state: EndpointState, nowMs: number, policy: WatchPolicy): Reason | undefined {
  const graceOver = nowMs >= state.startedAtMs + policy.graceMs;
  if (graceOver) return undefined;
  for (const member of state.members) {
    if (policy.policy === 'failover' && mayAnswer(member)) return undefined;
    if (member.status === 'unknown' && member.drained === undefined) {
      return reasons.of('watch/first-waits', { member: member.name });
    }
  }
  return undefined;
}

function chooseOne(state: EndpointState, nowMs: number, policy: WatchPolicy): Choice {
  const active = activeOf(state, policy);
  if (active !== undefined && active.status !== 'down' && active.drained === undefined) {
    return { kind: 'keep', because: reasons.of('watch/active-well', { member: active.name }) };
  }
  const best = bestMember(state, nowMs, policy);
  if (best === undefined) return failStatic(state);
  const to = best.name;
  if (isDoubted(best, nowMs, policy)) return waitForDoubted([to]);
  if (active === undefined) {
    return {
      kind: 'change',
      members: [to],
      as: 'first',
      because: reasons.of('watch/first', { member: to }),
    };
  }
  const because = reasons.of('watch/failover', { from: active.name, to, why: whyItLeaves(active) });
  return { kind: 'change', members: [to], as: 'failover', because };
}

function chooseMany(state: EndpointState, nowMs: number, policy: WatchPolicy): Choice {
  const target = targetOf(state, nowMs, policy);
  if (target.length === 0) return failStatic(state);
  const current = state.answer?.members ?? [];
  const waits = inHoldDown(state, nowMs, policy);
  const next = waits ? withoutAdditions(state, current, target) : target;
  if (sameMembers(next, current)) {
    const due = !sameMembers(target, current);
    const because = due
      ? reasons.of('watch/hold-down', { members: target.filter((name) => !current.includes(name)) })
      : reasons.of('watch/all-well', { members: current });
    return { kind: 'keep', because };
  }
  const anySure = state.members.some((member) => mayAnswer(member) && !isDoubted(member, nowMs, policy));
  if (!anySure) return waitForDoubted(next);
  if (current.length === 0) {
    return {
      kind: 'change',
      members: next,
      as: 'first',
      because: reasons.of('watch/first', { member: next }),
    };
  }
  return {
    kind: 'change',
    members: next,
    as: 'membership',
    because: differenceOf(state, current, next, policy),
  };
}

/**
 * All that may answer and are not suppressed; then the suppressed; a weight of 0 only where there is nobody else.
 * A member that answers and was not judged yet stays.
 */
function targetOf(state: EndpointState, nowMs: number, policy: WatchPolicy): MemberName[] {
  const answering = new Set(state.answer?.members);
  const up = state.members.filter(
    (member) => mayAnswer(member) || (answering.has(member.name) && staysIn(member)),
  );
  const weighted = up.filter((member) => policy.policy !== 'weighted' || weightOf(member, policy) > 0);
  const wanted = weighted.length > 0 ? weighted : up;
  const trusted = wanted.filter((member) => !isSuppressed(member.damping, nowMs, policy.damping));
  return (trusted.length > 0 ? trusted : wanted).map((member) => member.name);
}

/** Inside the hold-down members only leave, unless nobody would remain. */
function withoutAdditions(
  state: EndpointState,
  current: readonly MemberName[],
  target: readonly MemberName[],
): readonly MemberName[] {
  const answering = new Set(current);
  const remaining = state.members.filter((member) => answering.has(member.name) && staysIn(member));
  return remaining.length > 0 ? remaining.map((member) => member.name) : target;
}

function staysIn(member: MemberState): boolean {
  return member.drained === undefined && member.status !== 'down';
}

function differenceOf(
  state: EndpointState,
  current: readonly MemberName[],
  next: readonly MemberName[],
  policy: WatchPolicy,
): Reason {
  const stays = new Set(next);
  const left = current.filter((name) => !stays.has(name));
  const was = new Set(current);
  const joined = next.filter((name) => !was.has(name));
  const first = left[0];
  if (first === undefined) return reasons.of('watch/joined', { members: joined });
  const member = memberOf(state, first, policy);
  const why = member === undefined ? reasons.of('watch/site-changed') : whyItLeaves(member);
  if (joined.length === 0) return reasons.of('watch/left', { members: left, why });
  return reasons.of('watch/replaced', { left, joined, why });
}

/** A drained member may be well: then it is the person who drained it that says why. */
function whyItLeaves({ name, drained, because }: MemberState): Reason {
  return drained === undefined ? because : reasons.of('watch/drained', { member: name, by: drained.by });
}

/**
 * Nobody moves to members whose last result was down: a controller that loses its network sees all of them fall one
 * after the other, and is to leave the answer as it was.
 */
function waitForDoubted(members: readonly MemberName[]): Choice {
  return { kind: 'wait', because: reasons.of('watch/doubted', { members }) };
}

function failStatic(state: EndpointState): Choice {
  const drained = state.members.filter((member) => member.status === 'up' && member.drained !== undefined);
  const members = state.answer?.members;
  if (members === undefined) return { kind: 'static', because: reasons.of('watch/none-up-yet') };
  if (drained.length > 0) {
    const names = drained.map((member) => member.name);
    return { kind: 'static', because: reasons.of('watch/all-down-but-drained', { members, drained: names }) };
  }
  return { kind: 'static', because: reasons.of('watch/all-down', { members }) };
}

/** The one member that answers under the policy `failover`. */
export function activeOf(state: EndpointState, policy: WatchPolicy): MemberState | undefined {
  const name = state.answer?.members[0];
  return name === undefined ? undefined : memberOf(state, name, policy);
}

function weightOf(member: MemberState, policy: WatchPolicy): number {
  return policy.members[policy.memberIndex.get(member.name) ?? -1]?.weight ?? 0;
}

/** The same members; both lists are in the order of the policy. */
export function sameMembers(a: readonly MemberName[], b: readonly MemberName[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
