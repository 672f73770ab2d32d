/** Commands: what a person may decide, what is refused and why. Pure. */
import { nearest } from '../base/nearest.ts';
import type { Reason } from '../base/reason.ts';
import type { MemberName } from '../site/model.ts';
import { answerCommand } from './change.ts';
import { obeyDrain, obeyUndrain } from './drain.ts';
import type { EndpointState } from './endpoint-state.ts';
import type { Command, Commanded, Decision } from './event.ts';
import { preferredOver } from './failback.ts';
import { obeyForce, obeyRelease } from './force.ts';
import type { Moment } from './moment.ts';
import { moveTo, unfitToLead } from './move.ts';
import { describe } from './override.ts';
import type { WatchPolicy } from './policy.ts';
import { reasons } from './reasons.ts';
import { activeOf } from './select.ts';

type Input = Commanded & { readonly at: Moment };

/** Decides on a command: done, unchanged, refused with its reason, or waiting for a parity check. */
export function obey(state: EndpointState, input: Input, policy: WatchPolicy): Decision {
  const { command, id } = input;
  const refusal = refuseAny(state, command, policy);
  if (refusal !== undefined) return answerCommand(state, id, 'refused', refusal);
  switch (command.verb) {
    case 'switch':
      return obeySwitch(state, input, command, policy);
    case 'failback':
      return obeyFailback(state, input, command, policy);
    case 'drain':
      return obeyDrain(state, input, command, policy);
    case 'undrain':
      return obeyUndrain(state, input, command.member, policy);
    case 'force':
      return obeyForce(state, input, command, policy);
    case 'release':
      return obeyRelease(state, input);
  }
}

/** What is refused whatever the verb. */
function refuseAny(state: EndpointState, command: Command, policy: WatchPolicy): Reason | undefined {
  if (state.stoodDown !== undefined) return state.stoodDown.because;
  for (const name of namesIn(command)) {
    if (!policy.memberIndex.has(name)) {
      return noSuchMember(name, policy);
    }
  }
  const waits = command.verb === 'switch' || command.verb === 'failback' || command.verb === 'drain';
  if (waits && state.pending !== undefined) {
    return reasons.of('watch/busy', { verb: state.pending.verb, to: state.pending.to, by: state.pending.by });
  }
  if (state.override !== undefined && (command.verb === 'switch' || command.verb === 'failback')) {
    return reasons.of('watch/refused-forced', { why: describe(state.override) });
  }
  const single = command.verb === 'switch' || command.verb === 'failback';
  if (single && policy.policy !== 'failover') {
    return reasons.of('watch/refused-policy', { verb: command.verb, policy: policy.policy });
  }
  return undefined;
}

function noSuchMember(member: MemberName, policy: WatchPolicy): Reason {
  const members = policy.members.map((one) => one.name);
  const meant = nearest(member, members);
  return meant === undefined
    ? reasons.of('watch/no-such-member', { member, members })
    : reasons.of('watch/no-such-member-meant', { member, meant });
}

function namesIn(command: Command): readonly MemberName[] {
  switch (command.verb) {
    case 'switch':
      return [command.to];
    case 'drain':
    case 'undrain':
      return [command.member];
    case 'force':
      return command.members;
    default:
      return [];
  }
}

function obeySwitch(
  state: EndpointState,
  input: Input,
  command: Command & { verb: 'switch' },
  policy: WatchPolicy,
): Decision {
  const active = activeOf(state, policy);
  if (active?.name === command.to) {
    const because = reasons.of('watch/already-active', { member: command.to });
    return answerCommand(state, input.id, 'unchanged', because);
  }
  const unfit = unfitToLead(state, command.to, policy);
  if (unfit !== undefined) return answerCommand(state, input.id, 'refused', unfit);
  return moveTo(state, input, command, active?.name, policy);
}

function obeyFailback(
  state: EndpointState,
  input: Input,
  command: Command & { verb: 'failback' },
  policy: WatchPolicy,
): Decision {
  const active = activeOf(state, policy);
  const first = state.members[0];
  if (active === undefined || first === undefined || active.name === first.name) {
    const because = reasons.of('watch/already-home', { member: active?.name ?? 'nobody' });
    return answerCommand(state, input.id, 'unchanged', because);
  }
  const candidate = preferredOver(state, active.name);
  if (candidate === undefined) {
    const because = unfitToLead(state, first.name, policy) ?? first.because;
    return answerCommand(state, input.id, 'refused', because);
  }
  const to = { verb: command.verb, to: candidate.name, acceptLoss: command.acceptLoss };
  return moveTo(state, input, to, active.name, policy);
}
