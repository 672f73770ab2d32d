/** From stored states to endpoints under watch. */
import { type ErrorRecord, isHoldfastError, toErrorRecord } from '../base/errors.ts';
import type { Endpoint, EndpointName, Member } from '../site/model.ts';
import { targetOf } from './driver-target.ts';
import { effectiveProbes } from './effective-probes.ts';
import { initialState } from './endpoint-state.ts';
import { EndpointWatch } from './endpoint-watch.ts';
import { momentOf } from './moment.ts';
import { checkParity } from './parity.ts';
import { policyOf } from './policy.ts';
import { restore } from './restore.ts';
import { createSaver } from './saver.ts';
import { fileStateStore, type StateStore } from './state.ts';
import { WatchError } from './watch-error.ts';
import type { WatchEvent } from './watch-event.ts';
import type { WatcherOptions } from './watcher-options.ts';

/**
 * An endpoint that nobody can judge would never be answered: said before anything is started.
 * @throws WatchError `watch/no-probes`
 */
export function refuseUnprobed(o: WatcherOptions, endpoints: readonly Endpoint[]): void {
  const unprobed = endpoints.filter((endpoint) => effectiveProbes(o.site, o.stacks, endpoint).length === 0);
  if (unprobed.length === 0) return;
  const names = unprobed.map((endpoint) => endpoint.name).join(', ');
  throw new WatchError({
    code: 'watch/no-probes',
    message: `nothing says when a member of ${names} is well`,
    expected: 'probes at the endpoint, or a stack behind it that brings its own',
    got: 'none',
    hint: `Add \`probes:\` to ${names} in ${o.site.file}, or name the endpoint in a stack.`,
  });
}

export interface Opened {
  readonly watches: ReadonlyMap<EndpointName, EndpointWatch>;
  readonly frozen: ReadonlyMap<EndpointName, ErrorRecord>;
}

/** Loads every state. One that cannot be read freezes its endpoint and no other. */
export async function openEndpoints(
  o: WatcherOptions,
  endpoints: readonly Endpoint[],
  signal: AbortSignal,
  emit: (event: WatchEvent) => void,
): Promise<Opened> {
  const watches = new Map<EndpointName, EndpointWatch>();
  const frozen = new Map<EndpointName, ErrorRecord>();
  const store = o.store ?? fileStateStore(o.stateDir);
  for (const endpoint of endpoints) {
    try {
      watches.set(endpoint.name, await openOne(o, endpoint, store, signal, emit));
    } catch (error) {
      if (!isHoldfastError(error)) throw error;
      frozen.set(endpoint.name, toErrorRecord(error));
      o.log.error('an endpoint is frozen: its last answer stays and nothing is decided', {
        endpoint: endpoint.name,
        error: toErrorRecord(error),
      });
    }
  }
  return { watches, frozen };
}

async function openOne(
  o: WatcherOptions,
  endpoint: Endpoint,
  store: StateStore,
  signal: AbortSignal,
  emit: (event: WatchEvent) => void,
): Promise<EndpointWatch> {
  const { clock, random } = o;
  const log = o.log.with({ endpoint: endpoint.name });
  const probes = effectiveProbes(o.site, o.stacks, endpoint);
  const { supports } = o.drivers.get(endpoint.driver.kind);
  const policy = policyOf(endpoint, probes, supports, { automatic: o.automatic ?? true });
  const stored = await store.load(endpoint.name);
  const at = momentOf(clock);
  const member = (name: string): Member => endpoint.members[policy.memberIndex.get(name) ?? 0] as Member;
  return new EndpointWatch({
    endpoint,
    policy,
    state: stored === undefined ? initialState(policy, at) : restore(stored, policy, at),
    saver: createSaver({ store, clock, log }),
    target: await targetOf(o, endpoint),
    clock,
    random,
    log,
    signal,
    emit: (event) => emit({ ...event, endpoint: endpoint.name, at: clock.now() }),
    checkParity: (candidate, active, inner) =>
      checkParity(o, endpoint, member(candidate), member(active), inner),
  });
}
