/** All that is known and decided about one endpoint. Plain data, replaced and never changed in place. */
import type { Instant } from '../base/clock.ts';
import type { Reason } from '../base/reason.ts';
import type { Answer } from '../drivers/driver.ts';
import type { EndpointName, MemberName } from '../site/model.ts';
import { type MemberState, unjudged } from './health.ts';
import type { Moment } from './moment.ts';
import type { WatchPolicy } from './policy.ts';

export interface EndpointState {
  readonly endpoint: EndpointName;
  /** Grows with everything that must survive a restart: who saves compares it. */
  readonly revision: number;
  /** Of the last answer; the next one has a greater. */
  readonly epoch: number;
  readonly answer: Answer | undefined;
  /** Since when these members are answered. */
  readonly answeredAt: Instant | undefined;
  /** Monotonic; start of the hold-down. */
  readonly changedAtMs: number | undefined;
  /** Monotonic; when this process began to watch. */
  readonly startedAtMs: number;
  /** In the order of the policy. */
  readonly members: readonly MemberState[];
  /** Set while no member may answer: the last answer stays. */
  readonly allDownSince: Instant | undefined;
  readonly override: Override | undefined;
  readonly failback: Failback;
  /** A command that waits for its parity check. */
  readonly pending: Pending | undefined;
  /** Number of the last parity check asked for. */
  readonly asks: number;
  /** Monotonic; when a drift was last mended. */
  readonly mendedAtMs: number | undefined;
  /** Set for good when a driver has seen a newer leader. */
  readonly stoodDown: { readonly since: Instant; readonly because: Reason } | undefined;
  /** Newest first, at most `HISTORY_LENGTH`. */
  readonly history: readonly Change[];
}

/** A person's decision that beats automatism. */
export interface Override {
  readonly members: readonly MemberName[];
  readonly by: string;
  readonly since: Instant;
  /** Monotonic, for the decision; undefined: until released. */
  readonly untilMs: number | undefined;
  /** The same on the wall clock, for people. */
  readonly until: Instant | undefined;
}

/** Where the way back stands. */
export interface Failback {
  /** Who switched away on purpose: automatic failback then waits for a person. */
  readonly heldBy: string | undefined;
  readonly parity: Parity | undefined;
}

export interface Parity {
  readonly ask: number;
  readonly candidate: MemberName;
  readonly active: MemberName;
  /** Monotonic; when it was asked, or when the answer came. */
  readonly atMs: number;
  readonly answered: boolean;
  /** What the last check of this candidate found lacking. */
  readonly lacking: Reason | undefined;
}

export interface Pending {
  readonly id: string;
  readonly by: string;
  readonly verb: 'switch' | 'failback' | 'drain';
  readonly to: MemberName;
  readonly from: MemberName;
  readonly ask: number;
  readonly atMs: number;
}

export type ChangeKind =
  | 'first'
  | 'adopted'
  | 'failover'
  | 'switchover'
  | 'failback'
  | 'membership'
  | 'forced'
  | 'released'
  | 'site-changed';

/** One line of the history. */
export interface Change {
  readonly at: Instant;
  readonly kind: ChangeKind;
  readonly epoch: number;
  readonly from: readonly MemberName[];
  readonly to: readonly MemberName[];
  readonly because: Reason;
}

export const HISTORY_LENGTH = 20;
export const noFailback: Failback = { heldBy: undefined, parity: undefined };

/**
 * The state of an endpoint that was never watched from this state folder. Its epochs begin at the wall clock's
 * seconds: where the folder of an earlier watcher was lost, a driver that remembers its epochs then does not take
 * the new one for an older leader.
 */
export function initialState(policy: WatchPolicy, at: Moment): EndpointState {
  return {
    endpoint: policy.endpoint,
    revision: 0,
    epoch: Math.max(0, Math.floor(at.wall / 1_000)),
    answer: undefined,
    answeredAt: undefined,
    changedAtMs: undefined,
    startedAtMs: at.monotonicMs,
    members: policy.members.map(({ name }) => unjudged(name, policy.probes, at)),
    allDownSince: undefined,
    override: undefined,
    failback: noFailback,
    pending: undefined,
    asks: 0,
    mendedAtMs: undefined,
    stoodDown: undefined,
    history: [],
  };
}
