/** A plan is data: an ordered graph of steps with the digests of what it was made from. */
import { type Digest, digestOf } from '../base/digest.ts';
import type { HostName } from '../site/model.ts';
import type { Step } from './step.ts';

export interface Plan {
  readonly procedure: string;
  readonly request: unknown;
  /** Digest of the site and of the stable facts that the plan was made from. */
  readonly site: Digest;
  readonly facts: Digest;
  readonly steps: readonly Step[];
  /** Over all of the above. */
  readonly digest: Digest;
}

/** Seals steps into a plan. Positions do not count: moving a comment does not change what happens. */
export function makePlan(parts: Omit<Plan, 'digest'>): Plan {
  const counted = { ...parts, steps: parts.steps.map(({ from: _from, ...step }) => step) };
  return { ...parts, digest: digestOf(counted) };
}

/** The hosts that a plan's steps act on, sorted. */
export function hostsOf(plan: Plan): readonly HostName[] {
  return [...new Set(plan.steps.flatMap(({ host }) => (host === undefined ? [] : [host])))].sort();
}
