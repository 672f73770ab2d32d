/** The status of a site whose watcher does not run: what it stored, and what it would say now. */
import type { Clock } from '../base/clock.ts';
import { isHoldfastError, toErrorRecord } from '../base/errors.ts';
import type { Registry } from '../base/registry.ts';
import type { EndpointDriver } from '../drivers/driver.ts';
import type { Endpoint, Site } from '../site/model.ts';
import type { Stack } from '../stacks/stack.ts';
import { effectiveProbes } from './effective-probes.ts';
import { initialState } from './endpoint-state.ts';
import { momentOf } from './moment.ts';
import { policyOf } from './policy.ts';
import { reasons } from './reasons.ts';
import { restore } from './restore.ts';
import type { StateStore } from './state.ts';
import { type EndpointStatus, statusOfEndpoint, statusOfFrozen, type WatchStatus } from './status.ts';

/* biome-ignore-start lint/suspicious/noExplicitAny: a family's members have different argument types */
export interface StoredStatusOptions {
  readonly site: Site;
  readonly stacks: Registry<Stack<any>>;
  readonly drivers: Registry<EndpointDriver<any>>;
  readonly store: StateStore;
  readonly clock: Clock;
}
/* biome-ignore-end lint/suspicious/noExplicitAny: a family's members have different argument types */

/** Every endpoint as it was left. One whose state cannot be read says so in its place. */
export async function storedStatus(o: StoredStatusOptions): Promise<WatchStatus> {
  const endpoints: EndpointStatus[] = [];
  for (const endpoint of o.site.endpoints.values()) endpoints.push(await statusOfStored(o, endpoint));
  return { site: o.site.name, at: o.clock.now(), endpoints };
}

async function statusOfStored(o: StoredStatusOptions, endpoint: Endpoint): Promise<EndpointStatus> {
  const probes = effectiveProbes(o.site, o.stacks, endpoint);
  const policy = policyOf(endpoint, probes, o.drivers.get(endpoint.driver.kind).supports);
  const at = momentOf(o.clock);
  try {
    const stored = await o.store.load(endpoint.name);
    const state = stored === undefined ? initialState(policy, at) : restore(stored, policy, at);
    const status = statusOfEndpoint(endpoint, state, policy, at);
    // The new epoch of a restored answer is given only when somebody leads.
    const answer = status.answer && { ...status.answer, epoch: stored?.answer?.epoch ?? status.answer.epoch };
    return { ...status, ...(answer === undefined ? {} : { answer }) };
  } catch (error) {
    if (!isHoldfastError(error)) throw error;
    return statusOfFrozen(endpoint, toErrorRecord(error), reasons.of('watch/broken-state'));
  }
}
