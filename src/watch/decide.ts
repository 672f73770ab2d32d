/**
 * The decision about one endpoint. Pure: no clock, no network, no randomness; time comes with the event. Everything
 * that Holdfast does by itself to move clients is decided here, and `decide.sim.test.ts` runs it for millions of ticks.
 *
 *                     first answer: a member is up and those before it are judged, or the grace is over;
 *                     what clients get already is adopted
 *                                     │
 *                                     ▼
 *    active falls, another is up  ┌────────┐  nobody is up       ┌─────────────┐
 *    (failover, at once) ┌────────│ active │────────────────────▶│ fail static │ the last answer stays,
 *                        └───────▶│  well  │◀────────────────────│             │ loudly
 *                                 └────────┘  any member is up   └─────────────┘
 *                                   │    ▲
 *        a preferred member is up   ▼    │ well for failback.after, hold-down over, not suppressed,
 *                              ┌───────────┐ not held by a person, parity proven ──▶ failback
 *                              │ way back: │
 *                              │ waiting   │──▶ stays and says what is missing
 *                              └───────────┘
 *
 *    force ──▶ overridden: nothing else moves the answer ──▶ release or expiry ──▶ as above, from the answer that stands
 *    a driver saw a newer leader ──▶ stood down: nothing is decided or published any more (until restarted by a person)
 *
 * Under `all-healthy` and `weighted` the answer is a set: members leave it at once, and join outside the hold-down.
 */
import { answerCommand, change, keep, type Wanted } from './change.ts';
import type { EndpointState } from './endpoint-state.ts';
import type {
  Adopted,
  Decision,
  Observed,
  ParityKnown,
  Probed,
  RefusedAsOlder,
  Reply,
  WatchInput,
} from './event.ts';
import { considerFailback, failbackParityKnown } from './failback.ts';
import { expired } from './force.ts';
import { applyToMember } from './health.ts';
import type { Moment } from './moment.ts';
import { expirePending, pendingParityKnown } from './move.ts';
import { obey } from './obey.ts';
import { describe, isExpired, lift } from './override.ts';
import type { WatchPolicy } from './policy.ts';
import { reasons } from './reasons.ts';
import { choose } from './select.ts';

/** Returned for the many events that change nothing. */
const STEADY = reasons.of('watch/steady');

/** What follows from one event. The state given is not changed. */
export function decide(state: EndpointState, event: WatchInput, policy: WatchPolicy): Decision {
  switch (event.type) {
    case 'probed':
      return probed(state, event, event.at, policy);
    case 'tick':
      return settle(state, event.at, policy);
    case 'command':
      return followUp(obey(state, event, policy), event.at, policy);
    case 'parity-known':
      return followUp(parityKnown(state, event, event.at, policy), event.at, policy);
    case 'adopted':
      return adopted(state, event, event.at, policy);
    case 'observed':
      return observed(state, event, event.at, policy);
    case 'refused-as-older':
      return standDown(state, event, event.at);
  }
}

function probed(state: EndpointState, event: Probed, at: Moment, policy: WatchPolicy): Decision {
  const index = policy.memberIndex.get(event.member);
  const probe = policy.probeIndex.get(event.probe);
  const before = index === undefined ? undefined : state.members[index];
  if (index === undefined || probe === undefined || before === undefined) return { state, because: STEADY };
  const after = applyToMember(before, probe, event, at, policy);
  if (after === before) return { state, because: STEADY };
  const revision = after.status === before.status ? state.revision : state.revision + 1;
  return settle({ ...state, revision, members: state.members.with(index, after) }, at, policy);
}

/** What automatism makes of a state at a time. */
function settle(state: EndpointState, at: Moment, policy: WatchPolicy): Decision {
  if (state.stoodDown !== undefined) return keep(state, state.stoodDown.because);
  const late = expirePending(state, at, policy);
  const current = late?.state ?? state;
  const decision = settleAnswer(current, at, policy);
  return late === undefined ? decision : joinReplies(decision, late.replies);
}

function settleAnswer(state: EndpointState, at: Moment, policy: WatchPolicy): Decision {
  const { override } = state;
  if (override !== undefined && !isExpired(override, at)) return keep(state, describe(override));
  if (override !== undefined) return settleAnswer(lift(state, expired(override), at), at, policy);
  if (!policy.automatic) return keep(state, STEADY);
  const choice = choose(state, at.monotonicMs, policy);
  switch (choice.kind) {
    case 'change':
      return change(state, choice, at, policy);
    case 'static':
      return keep(markAllDown(state, at), choice.because);
    case 'wait':
      return keep(state, choice.because);
    case 'keep': {
      const calm = clearAllDown(state);
      return policy.policy === 'failover'
        ? considerFailback(calm, at, policy, choice.because)
        : keep(calm, choice.because);
    }
  }
}

function markAllDown(state: EndpointState, at: Moment): EndpointState {
  if (state.allDownSince !== undefined) return state;
  return { ...state, revision: state.revision + 1, allDownSince: at.wall };
}

function clearAllDown(state: EndpointState): EndpointState {
  if (state.allDownSince === undefined) return state;
  return { ...state, revision: state.revision + 1, allDownSince: undefined };
}

function parityKnown(state: EndpointState, event: ParityKnown, at: Moment, policy: WatchPolicy): Decision {
  if (state.stoodDown !== undefined) return keep(state, state.stoodDown.because);
  if (state.pending?.ask === event.ask) return pendingParityKnown(state, state.pending, event, at, policy);
  if (state.override === undefined && state.failback.parity?.ask === event.ask) {
    return failbackParityKnown(state, event, at, policy);
  }
  return keep(state, reasons.of('watch/parity-late'));
}

/** After a command, automatism looks at once at what it left: a drained member leaves, a released one may be down. */
function followUp(decision: Decision, at: Moment, policy: WatchPolicy): Decision {
  if (decision.answer !== undefined || decision.act !== undefined) return decision;
  const settled = settle(decision.state, at, policy);
  return { ...joinReplies(settled, decision.replies), because: decision.because };
}

function joinReplies(decision: Decision, replies: readonly Reply[] | undefined): Decision {
  if (replies === undefined) return decision;
  return { ...decision, replies: [...replies, ...(decision.replies ?? [])] };
}

/**
 * What clients got before the first start stays, if the policy could have answered it. Later starts find out whether the
 * hosts have moved the endpoint while nobody watched.
 */
function adopted(state: EndpointState, event: Adopted, at: Moment, policy: WatchPolicy): Decision {
  const { answer } = state;
  const moved = state.stoodDown === undefined ? movedByHosts(state, event, policy) : undefined;
  if (answer !== undefined && moved?.members.some((name) => !answer.members.includes(name)))
    return change(state, moved, at, policy);
  const found = new Set(event.members);
  const members = policy.members.filter(({ name }) => found.has(name)).map(({ name }) => name);
  const fits = policy.policy === 'failover' ? members.length === 1 : members.length > 0;
  if (answer !== undefined || state.override !== undefined || !fits || state.stoodDown !== undefined) {
    return keep(state, STEADY);
  }
  return change(
    state,
    { members, as: 'adopted', because: reasons.of('watch/adopted', { members }) },
    at,
    policy,
  );
}

/** Drift is mended once in a hold-down: whoever changes it again and again has to be seen by a person. */
function observed(state: EndpointState, event: Observed, at: Moment, policy: WatchPolicy): Decision {
  if (event.drift === undefined || event.epoch !== state.epoch || state.answer === undefined) {
    return keep(state, STEADY);
  }
  if (state.stoodDown !== undefined) return keep(state, state.stoodDown.because);
  const moved = policy.automatic ? movedByHosts(state, event, policy) : undefined;
  if (moved !== undefined) return change(state, moved, at, policy);
  const mended = state.mendedAtMs;
  if (mended !== undefined && at.monotonicMs < mended + policy.holdDownMs) {
    return keep(state, reasons.of('watch/drift-again', { why: event.drift }));
  }
  const because = reasons.of('watch/drift', { why: event.drift });
  return { state: { ...state, mendedAtMs: at.monotonicMs }, act: { kind: 'republish', because }, because };
}

/**
 * The hosts have moved the endpoint by themselves, to one member: that is what clients get, and undoing it could lead
 * them to a member that is gone. Not while a person has said who is to answer.
 */
function movedByHosts(
  state: EndpointState,
  { members }: Observed | Adopted,
  policy: WatchPolicy,
): Wanted | undefined {
  const [to] = members ?? [];
  if (!policy.hostsDecide || members?.length !== 1 || to === undefined) return undefined;
  if (state.override !== undefined || state.pending !== undefined) return undefined;
  if (!policy.memberIndex.has(to)) return undefined;
  const because = reasons.of('watch/moved-by-hosts', { from: state.answer?.members ?? [], to });
  return { members: [to], as: 'failover', because };
}

function standDown(state: EndpointState, event: RefusedAsOlder, at: Moment): Decision {
  if (state.stoodDown !== undefined) return keep(state, state.stoodDown.because);
  const because = reasons.of('watch/stood-down', { why: event.because });
  const stood = { ...state, pending: undefined, stoodDown: { since: at.wall, because } };
  if (state.pending === undefined) return keep(stood, because);
  return answerCommand(stood, state.pending.id, 'refused', because);
}
