/** Drain takes a member out by a person's wish; undrain gives it back. Never the last one that is well. Pure. */
import type { MemberName } from '../site/model.ts';
import { answerCommand } from './change.ts';
import type { EndpointState } from './endpoint-state.ts';
import type { Command, Commanded, Decision } from './event.ts';
import type { Moment } from './moment.ts';
import { markDrained, moveTo } from './move.ts';
import { describe } from './override.ts';
import type { WatchPolicy } from './policy.ts';
import { reasons } from './reasons.ts';
import { bestMember, memberOf } from './select.ts';

type Input = Commanded & { readonly at: Moment };

/** Under `failover`, draining the active member is a switchover to the best other one. */
export function obeyDrain(
  state: EndpointState,
  input: Input,
  command: Command & { verb: 'drain' },
  policy: WatchPolicy,
): Decision {
  const name = command.member;
  const drained = memberOf(state, name, policy)?.drained;
  if (drained !== undefined) {
    const because = reasons.of('watch/already-drained', { member: name, by: drained.by });
    return answerCommand(state, input.id, 'unchanged', because);
  }
  if (state.override?.members.includes(name)) {
    const because = reasons.of('watch/refused-forced', { why: describe(state.override) });
    return answerCommand(state, input.id, 'refused', because);
  }
  const other = bestMember(state, input.at.monotonicMs, policy, name);
  if (other === undefined) {
    const because = reasons.of('watch/refused-last', { member: name });
    return answerCommand(state, input.id, 'refused', because);
  }
  const isActive = state.answer?.members.includes(name) === true;
  if (isActive && policy.policy === 'failover') {
    const move = { verb: 'drain', to: other.name, acceptLoss: command.acceptLoss } as const;
    return moveTo(state, input, move, name, policy);
  }
  const because = reasons.of('watch/drained', { member: name, by: input.by });
  return answerCommand(markDrained(state, name, input.by, input.at), input.id, 'done', because);
}

/** It may answer again, as soon as the policy wants it. */
export function obeyUndrain(
  state: EndpointState,
  input: Input,
  name: MemberName,
  policy: WatchPolicy,
): Decision {
  if (memberOf(state, name, policy)?.drained === undefined) {
    const because = reasons.of('watch/not-drained', { member: name });
    return answerCommand(state, input.id, 'unchanged', because);
  }
  const members = state.members.map((member) =>
    member.name === name ? { ...member, drained: undefined } : member,
  );
  const because = reasons.of('watch/undrained', { member: name, by: input.by });
  const next = { ...state, revision: state.revision + 1, members };
  return answerCommand(next, input.id, 'done', because);
}
