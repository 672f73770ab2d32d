/**
 * Flap damping: a member that keeps falling loses our trust for a while. The idea is that of RFC 2439 (BGP route flap
 * damping): every fall adds to a penalty that decays exponentially; at one level the member is suppressed, at a lower
 * one it is used again. The numbers are our own, because what flaps here is a service and not a route:
 *
 *   1 point a fall · halves every 5 minutes · suppressed from 2.5 (a third fall within about 3 minutes)
 *   · used again below 1 · never more than 4, so a member is back at most 10 minutes after its last fall.
 *
 * Suppressed does not mean down: a suppressed member still answers where no other member is up.
 */
export interface DampingPolicy {
  readonly halfLifeMs: number;
  readonly suppressFrom: number;
  readonly reuseBelow: number;
  readonly ceiling: number;
}

export const defaultDamping: DampingPolicy = {
  halfLifeMs: 300_000,
  suppressFrom: 2.5,
  reuseBelow: 1,
  ceiling: 4,
};

/** The penalty as it stood at `atMs` (monotonic). It is worked out for now when asked, never by a timer. */
export interface Damping {
  readonly penalty: number;
  readonly atMs: number;
  /** Reached `suppressFrom` and, at `atMs`, was not yet below `reuseBelow` again. */
  readonly suppressed: boolean;
}

export const undamped: Damping = { penalty: 0, atMs: 0, suppressed: false };

/** The penalty now. A clock that went back counts as no time passed. */
export function penaltyAt(damping: Damping, nowMs: number, policy: DampingPolicy): number {
  if (damping.penalty === 0) return 0;
  return damping.penalty * 0.5 ** (Math.max(0, nowMs - damping.atMs) / policy.halfLifeMs);
}

/** One fall more. */
export function penalise(damping: Damping, nowMs: number, policy: DampingPolicy): Damping {
  const penalty = Math.min(penaltyAt(damping, nowMs, policy) + 1, policy.ceiling);
  const suppressed = isSuppressed(damping, nowMs, policy) || penalty >= policy.suppressFrom;
  return { penalty, atMs: nowMs, suppressed };
}

/** Whether the member is to be passed over now, where another one is up. */
export function isSuppressed(damping: Damping, nowMs: number, policy: DampingPolicy): boolean {
  return damping.suppressed && penaltyAt(damping, nowMs, policy) >= policy.reuseBelow;
}

/** How long until a suppressed member is used again if it does not fall any more; 0 where it is not suppressed. */
export function reuseInMs(damping: Damping, nowMs: number, policy: DampingPolicy): number {
  if (!isSuppressed(damping, nowMs, policy)) return 0;
  return policy.halfLifeMs * Math.log2(penaltyAt(damping, nowMs, policy) / policy.reuseBelow);
}
