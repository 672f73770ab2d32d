/** Making a change: the next epoch, the new answer, a line of history. Pure. */
import type { Reason } from '../base/reason.ts';
import type { Answer } from '../drivers/driver.ts';
import type { MemberName } from '../site/model.ts';
import {
  type Change,
  type ChangeKind,
  type EndpointState,
  HISTORY_LENGTH,
  noFailback,
} from './endpoint-state.ts';
import type { Decision, Reply } from './event.ts';
import type { Moment } from './moment.ts';
import type { WatchPolicy } from './policy.ts';
import { reasons } from './reasons.ts';

export interface Wanted {
  readonly members: readonly MemberName[];
  readonly as: ChangeKind;
  readonly because: Reason;
  /** Who switched away from the preferred member on purpose. */
  readonly heldBy?: string | undefined;
}

/** Answers with other members from now on. A command that waited is told that it was overtaken. */
export function change(
  state: EndpointState,
  wanted: Wanted,
  at: Moment,
  policy: WatchPolicy,
): Decision & { readonly answer: Answer } {
  const epoch = state.epoch + 1;
  const { members, because } = wanted;
  const answer: Answer = { members, ttlMs: policy.ttlMs, epoch, because };
  return {
    state: {
      ...state,
      revision: state.revision + 1,
      epoch,
      answer,
      answeredAt: at.wall,
      changedAtMs: at.monotonicMs,
      allDownSince: undefined,
      failback: { ...noFailback, heldBy: wanted.heldBy },
      pending: undefined,
      history: remember(state, {
        at: at.wall,
        kind: wanted.as,
        epoch,
        because,
        from: fromOf(state),
        to: members,
      }),
    },
    answer,
    because,
    ...repliesTo(state, because),
  };
}

/** Nothing changes for clients. */
export function keep(state: EndpointState, because: Reason): Decision {
  return { state, because };
}

/** Keeps, and answers a command. */
export function answerCommand(
  state: EndpointState,
  id: string,
  outcome: Reply['outcome'],
  because: Reason,
): Decision {
  return { state, because, replies: [{ id, outcome, because }] };
}

/** Adds the answer to a command to a decision. */
export function withReply(
  decision: Decision,
  id: string,
  outcome: Reply['outcome'],
  because: Reason,
): Decision {
  return { ...decision, replies: [...(decision.replies ?? []), { id, outcome, because }] };
}

/** Adds a line to the history, which stays bounded. */
export function remember(state: EndpointState, line: Change): readonly Change[] {
  return [line, ...state.history.slice(0, HISTORY_LENGTH - 1)];
}

function fromOf(state: EndpointState): readonly MemberName[] {
  return state.answer?.members ?? [];
}

function repliesTo(state: EndpointState, because: Reason): { replies?: readonly Reply[] } {
  if (state.pending === undefined) return {};
  const refusal = reasons.of('watch/overtaken', { why: because });
  return { replies: [{ id: state.pending.id, outcome: 'refused', because: refusal }] };
}
