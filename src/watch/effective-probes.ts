/** Which probes judge the members of an endpoint, and which decide whether one of them may lead. */
import type { Registry } from '../base/registry.ts';
import type { Endpoint, Member, ProbeSpec, Site, StackSpec } from '../site/model.ts';
import type { Stack } from '../stacks/stack.ts';

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
type Stacks = Registry<Stack<any>>;

/** The endpoint's own probes; where it names none, those of the stacks behind it. */
export function effectiveProbes(site: Site, stacks: Stacks, endpoint: Endpoint): readonly ProbeSpec[] {
  if (endpoint.probes.length > 0) return endpoint.probes;
  return stacksBehind(site, endpoint).flatMap((stack) => stacks.get(stack.kind).probes(site, stack));
}

/** What is tried of each member and through the endpoint by `verify` only: see `trials` of a stack. */
export function trialProbes(site: Site, stacks: Stacks, endpoint: Endpoint): readonly ProbeSpec[] {
  return stacksBehind(site, endpoint).flatMap((stack) => stacks.get(stack.kind).trials?.(site, stack) ?? []);
}

/** The parity condition of all stacks behind the endpoint. Empty: being well is enough. */
export function parityProbes(
  site: Site,
  stacks: Stacks,
  endpoint: Endpoint,
  candidate: Member,
  active: Member,
): readonly ProbeSpec[] {
  return stacksBehind(site, endpoint).flatMap((stack) =>
    stacks.get(stack.kind).fitToLead(site, stack, candidate, active),
  );
}

/** In the order of the site file. */
export function stacksBehind(site: Site, endpoint: Endpoint): StackSpec[] {
  return [...site.stacks.values()].filter((stack) => stack.endpoint === endpoint.name);
}
