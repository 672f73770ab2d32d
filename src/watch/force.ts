/** Force answers with given members whatever their health; release gives the endpoint back to automatism. Pure. */
import type { Instant } from '../base/clock.ts';
import { formatInstant } from '../base/clock.ts';
import type { Reason } from '../base/reason.ts';
import { answerCommand, change, withReply } from './change.ts';
import type { EndpointState, Override } from './endpoint-state.ts';
import type { Command, Commanded, Decision } from './event.ts';
import type { Moment } from './moment.ts';
import { describe, lift } from './override.ts';
import type { WatchPolicy } from './policy.ts';
import { reasons } from './reasons.ts';

type Input = Commanded & { readonly at: Moment };

/** A new force replaces the one before. */
export function obeyForce(
  state: EndpointState,
  input: Input,
  command: Command & { verb: 'force' },
  policy: WatchPolicy,
): Decision {
  const wanted = new Set(command.members);
  const members = policy.members.filter(({ name }) => wanted.has(name)).map(({ name }) => name);
  const refusal = refuseMembers(members, policy);
  if (refusal !== undefined) return answerCommand(state, input.id, 'refused', refusal);
  const override = overrideOf(members, input, command.forMs);
  const because = describe(override);
  const decision = change({ ...state, override }, { members, as: 'forced', because }, input.at, policy);
  return withReply(decision, input.id, 'done', because);
}

/** Automatism goes on from the members that answer now. */
export function obeyRelease(state: EndpointState, input: Input): Decision {
  if (state.override === undefined) {
    return answerCommand(state, input.id, 'unchanged', reasons.of('watch/not-forced'));
  }
  const because = reasons.of('watch/released', { by: input.by, members: state.override.members });
  return answerCommand(lift(state, because, input.at), input.id, 'done', because);
}

function refuseMembers(members: readonly string[], policy: WatchPolicy): Reason | undefined {
  if (members.length === 0) return reasons.of('watch/refused-nobody');
  const one = policy.policy === 'failover' || !policy.manyMembers;
  if (one && members.length > 1) return reasons.of('watch/refused-many', { members, policy: policy.policy });
  return undefined;
}

function overrideOf(members: readonly string[], input: Input, forMs: number | undefined): Override {
  const { at, by } = input;
  const until: Instant | undefined = forMs === undefined ? undefined : at.wall + forMs;
  const untilMs = forMs === undefined ? undefined : at.monotonicMs + forMs;
  return { members, by, since: at.wall, untilMs, until };
}

/** Said when an override ends by itself. */
export function expired(override: Override): Reason {
  const until = override.until === undefined ? '-' : formatInstant(override.until);
  return reasons.of('watch/force-expired', { members: override.members, by: override.by, until });
}
