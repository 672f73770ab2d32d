/**
 * The way back to a preferred member: only after it has been well for a time, outside the hold-down, not suppressed,
 * not against a person's wish, and only with the parity of the stack proven by a check that was asked after all of
 * that was true. Whatever is missing is the sentence that the decision carries.
 */

import { formatInstant } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import type { Reason } from '../base/reason.ts';
import type { MemberName } from '../site/model.ts';
import { change, keep } from './change.ts';
import { isSuppressed } from './damping.ts';
import type { EndpointState, Parity } from './endpoint-state.ts';
import type { Decision, ParityKnown } from './event.ts';
import type { MemberState } from './health.ts';
import type { Moment } from './moment.ts';
import type { WatchPolicy } from './policy.ts';
import { reasons } from './reasons.ts';
import { activeOf, inHoldDown, mayAnswer } from './select.ts';

type Readiness =
  | { readonly ready: true; readonly candidate: MemberName; readonly active: MemberName }
  | { readonly ready: false; readonly because: Reason };

/** The first member before the active one that may answer. */
export function preferredOver(state: EndpointState, active: MemberName): MemberState | undefined {
  for (const member of state.members) {
    if (member.name === active) return undefined;
    if (mayAnswer(member)) return member;
  }
  return undefined;
}

/** Asked at every tick while the active member is well: stay, wait with a sentence, or ask for parity. */
export function considerFailback(
  state: EndpointState,
  at: Moment,
  policy: WatchPolicy,
  steady: Reason,
): Decision {
  const active = activeOf(state, policy);
  if (active === undefined || state.members[0]?.name === active.name) return keep(state, steady);
  const readiness = readinessOf(state, active, at, policy);
  if (!readiness.ready) return keep(forgetParity(state), readiness.because);
  const parity = state.failback.parity;
  if (parity !== undefined && isAbout(parity, readiness) && !askAgain(parity, at, policy)) {
    return keep(state, waitingFor(parity, readiness.candidate));
  }
  return askParity(state, readiness, at);
}

/** The result of the check that failback asked for. Conditions are looked at again: time has passed. */
export function failbackParityKnown(
  state: EndpointState,
  event: ParityKnown,
  at: Moment,
  policy: WatchPolicy,
): Decision {
  const parity = state.failback.parity;
  const active = activeOf(state, policy);
  if (parity === undefined || parity.answered || active?.name !== parity.active || !mayAnswer(active)) {
    return keep(state, reasons.of('watch/parity-late'));
  }
  const readiness = readinessOf(state, active, at, policy);
  if (!readiness.ready) return keep(forgetParity(state), readiness.because);
  if (!isAbout(parity, readiness)) return keep(state, reasons.of('watch/parity-late'));
  if (event.fit) {
    const because = reasons.of('watch/failback', {
      to: parity.candidate,
      from: parity.active,
      time: formatDuration(policy.failback.afterMs),
      parity: event.because,
    });
    return change(state, { members: [parity.candidate], as: 'failback', because }, at, policy);
  }
  const known: Parity = { ...parity, answered: true, atMs: at.monotonicMs, lacking: event.because };
  return keep(
    { ...state, failback: { ...state.failback, parity: known } },
    waitingFor(known, parity.candidate),
  );
}

function readinessOf(state: EndpointState, active: MemberState, at: Moment, policy: WatchPolicy): Readiness {
  const candidate = preferredOver(state, active.name);
  const nowMs = at.monotonicMs;
  if (candidate === undefined) return notReady(candidateMissing(state, active));
  const names = { member: candidate.name, active: active.name };
  if (policy.failback.mode === 'manual') return notReady(reasons.of('watch/failback-manual', names));
  const by = state.failback.heldBy;
  if (by !== undefined) return notReady(reasons.of('watch/failback-held', { ...names, by }));
  if (isSuppressed(candidate.damping, nowMs, policy.damping)) {
    return notReady(reasons.of('watch/failback-suppressed', { member: candidate.name }));
  }
  const after = formatDuration(policy.failback.afterMs);
  const well = candidate.wellSince;
  if (well === undefined) {
    return notReady(reasons.of('watch/failback-not-well', { member: candidate.name, time: after }));
  }
  if (nowMs - well.monotonicMs < policy.failback.afterMs) {
    const until = formatInstant(well.wall + policy.failback.afterMs);
    return notReady(reasons.of('watch/failback-well-time', { member: candidate.name, time: after, until }));
  }
  if (inHoldDown(state, nowMs, policy)) {
    const time = formatDuration(policy.holdDownMs);
    return notReady(reasons.of('watch/failback-hold-down', { member: candidate.name, time }));
  }
  return { ready: true, candidate: candidate.name, active: active.name };
}

function notReady(because: Reason): Readiness {
  return { ready: false, because };
}

function candidateMissing(state: EndpointState, active: MemberState): Reason {
  const first = state.members[0];
  if (first === undefined) return reasons.of('watch/active-well', { member: active.name });
  const names = { member: first.name, active: active.name };
  if (first.drained !== undefined) {
    return reasons.of('watch/failback-drained', { ...names, by: first.drained.by });
  }
  return reasons.of('watch/failback-down', { ...names, why: first.because });
}

function isAbout(parity: Parity, readiness: { candidate: MemberName; active: MemberName }): boolean {
  return parity.candidate === readiness.candidate && parity.active === readiness.active;
}

function askAgain(parity: Parity, at: Moment, policy: WatchPolicy): boolean {
  const waitMs = parity.answered ? policy.parityRecheckMs : policy.parityTimeoutMs;
  return at.monotonicMs - parity.atMs >= waitMs;
}

function askParity(
  state: EndpointState,
  about: { candidate: MemberName; active: MemberName },
  at: Moment,
): Decision {
  const { candidate, active } = about;
  const ask = state.asks + 1;
  const before = state.failback.parity;
  const lacking = before !== undefined && isAbout(before, about) ? before.lacking : undefined;
  const parity: Parity = { ask, candidate, active, atMs: at.monotonicMs, answered: false, lacking };
  return {
    state: { ...state, asks: ask, failback: { ...state.failback, parity } },
    act: { kind: 'check-parity', ask, candidate, active },
    because: waitingFor(parity, candidate),
  };
}

function waitingFor(parity: Parity, member: MemberName): Reason {
  return parity.lacking === undefined
    ? reasons.of('watch/failback-asking', { member })
    : reasons.of('watch/failback-lacks', { member, why: parity.lacking });
}

function forgetParity(state: EndpointState): EndpointState {
  if (state.failback.parity === undefined) return state;
  return { ...state, failback: { ...state.failback, parity: undefined } };
}
