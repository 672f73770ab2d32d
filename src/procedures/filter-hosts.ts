/** The part of a plan that concerns some hosts only. Pure. */
import type { Step, StepId } from '../engine/step.ts';
import type { HostName } from '../site/model.ts';

export interface Filtered {
  readonly steps: readonly Step[];
  /** Steps of chosen hosts that need one that is left out: they cannot be done by themselves. */
  readonly blocked: readonly { readonly step: Step; readonly need: Step }[];
  /** Steps without a host (DNS records, probes) that wait for hosts that are left out. */
  readonly leftOut: readonly Step[];
}

/**
 * Keeps the steps of the chosen hosts, and those without a host whose needs are all kept.
 * @param steps in an order in which each comes after what it needs
 */
export function filterHosts(steps: readonly Step[], hosts: ReadonlySet<HostName>): Filtered {
  const all = new Map(steps.map((step) => [step.id, step]));
  const kept = new Set<StepId>();
  const blocked: { step: Step; need: Step }[] = [];
  const leftOut: Step[] = [];
  for (const step of steps) {
    const missing = step.needs.find((need) => !kept.has(need));
    if (step.host !== undefined && !hosts.has(step.host)) continue;
    if (missing === undefined) kept.add(step.id);
    else if (step.host === undefined) leftOut.push(step);
    else blocked.push({ step, need: all.get(missing) as Step });
  }
  return { steps: steps.filter(({ id }) => kept.has(id)), blocked, leftOut };
}
