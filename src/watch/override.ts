/** A person's decision that beats automatism, and its end. Pure. */
import { formatInstant } from '../base/clock.ts';
import type { Reason } from '../base/reason.ts';
import { remember } from './change.ts';
import type { EndpointState, Override } from './endpoint-state.ts';
import type { Moment } from './moment.ts';
import { reasons } from './reasons.ts';

/** Whether its time is over. It counts on the monotonic clock: setting the machine's clock does not lift it. */
export function isExpired(override: Override, at: Moment): boolean {
  return override.untilMs !== undefined && at.monotonicMs >= override.untilMs;
}

/** Lifts it; automatism takes over with the members that answer now. */
export function lift(state: EndpointState, because: Reason, at: Moment): EndpointState {
  const members = state.answer?.members ?? [];
  return {
    ...state,
    revision: state.revision + 1,
    override: undefined,
    history: remember(state, {
      at: at.wall,
      kind: 'released',
      epoch: state.epoch,
      from: members,
      to: members,
      because,
    }),
  };
}

/** What every decision says while it stands. */
export function describe(override: Override): Reason {
  const { members, by } = override;
  return override.until === undefined
    ? reasons.of('watch/forced', { members, by })
    : reasons.of('watch/forced-until', { members, by, until: formatInstant(override.until) });
}
