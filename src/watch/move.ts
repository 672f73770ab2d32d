/** A planned change of the active member: parity first, unless loss is accepted. Pure. */
import type { Reason } from '../base/reason.ts';
import type { MemberName } from '../site/model.ts';
import { answerCommand, change, withReply } from './change.ts';
import type { EndpointState, Pending } from './endpoint-state.ts';
import type { Commanded, Decision, ParityKnown } from './event.ts';
import type { Moment } from './moment.ts';
import type { WatchPolicy } from './policy.ts';
import { reasons } from './reasons.ts';
import { mayAnswer, memberOf } from './select.ts';

/** Why a member may not lead by a person's wish (short of force), leaving parity aside. */
export function unfitToLead(state: EndpointState, name: MemberName, policy: WatchPolicy): Reason | undefined {
  const member = memberOf(state, name, policy);
  if (member === undefined || mayAnswer(member)) return undefined;
  if (member.drained !== undefined) {
    return reasons.of('watch/refused-drained', { member: name, by: member.drained.by });
  }
  return reasons.of(member.status === 'down' ? 'watch/refused-down' : 'watch/refused-unknown', {
    member: name,
    why: member.because,
  });
}

/** Moves at once where loss is accepted or nobody answers yet; otherwise asks for parity first. */
export function moveTo(
  state: EndpointState,
  input: Commanded & { readonly at: Moment },
  move: { verb: Pending['verb']; to: MemberName; acceptLoss: boolean },
  from: MemberName | undefined,
  policy: WatchPolicy,
): Decision {
  const { verb, to } = move;
  if (from === undefined || move.acceptLoss) {
    return finishMove(state, { id: input.id, by: input.by, verb, to, from }, input.at, policy);
  }
  const ask = state.asks + 1;
  const pending: Pending = { id: input.id, by: input.by, verb, to, from, ask, atMs: input.at.monotonicMs };
  return {
    state: { ...state, asks: ask, pending },
    act: { kind: 'check-parity', ask, candidate: to, active: from },
    because: reasons.of('watch/asking-parity', { member: to, active: from }),
  };
}

/** The parity check of a waiting command ended. The world is looked at again: time has passed. */
export function pendingParityKnown(
  state: EndpointState,
  pending: Pending,
  event: ParityKnown,
  at: Moment,
  policy: WatchPolicy,
): Decision {
  const calm = { ...state, pending: undefined };
  if (!event.fit) {
    const because = reasons.of('watch/refused-parity', { member: pending.to, why: event.because });
    return answerCommand(calm, pending.id, 'refused', because);
  }
  const unfit = unfitToLead(state, pending.to, policy);
  if (unfit !== undefined) return answerCommand(calm, pending.id, 'refused', unfit);
  return finishMove(calm, { ...pending, parity: event.because }, at, policy);
}

/** A waiting command whose check never came back. */
export function expirePending(state: EndpointState, at: Moment, policy: WatchPolicy): Decision | undefined {
  const { pending } = state;
  if (pending === undefined || at.monotonicMs - pending.atMs < policy.parityTimeoutMs) return undefined;
  const because = reasons.of('watch/parity-lost', { member: pending.to });
  return answerCommand({ ...state, pending: undefined }, pending.id, 'refused', because);
}

function finishMove(
  state: EndpointState,
  move: Pick<Pending, 'id' | 'by' | 'verb' | 'to'> & { from: MemberName | undefined; parity?: Reason },
  at: Moment,
  policy: WatchPolicy,
): Decision {
  const { verb, to, by } = move;
  const names = { to, by, from: move.from ?? '-', verb };
  const because =
    move.parity === undefined
      ? reasons.of('watch/switched-unchecked', names)
      : reasons.of('watch/switched', { ...names, parity: move.parity });
  const isPreferred = policy.members[0]?.name === to;
  const heldBy = verb === 'switch' && !isPreferred ? by : undefined;
  const as = verb === 'failback' ? 'failback' : 'switchover';
  const before = verb === 'drain' && move.from !== undefined ? markDrained(state, move.from, by, at) : state;
  const decision = change(
    { ...before, pending: undefined },
    { members: [to], as, because, heldBy },
    at,
    policy,
  );
  return withReply(decision, move.id, 'done', because);
}

/** Marks a member as taken out. */
export function markDrained(state: EndpointState, name: MemberName, by: string, at: Moment): EndpointState {
  const members = state.members.map((member) =>
    member.name === name ? { ...member, drained: { by, since: at.wall } } : member,
  );
  return { ...state, revision: state.revision + 1, members };
}
