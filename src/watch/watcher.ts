/**
 * The watcher: one process that keeps every endpoint of a site answered. It wires the parts of this folder together
 * and decides nothing itself.
 */
import { openScope } from '../base/abort.ts';
import type { Clock, Instant } from '../base/clock.ts';
import { type ErrorRecord, isHoldfastError, toErrorRecord } from '../base/errors.ts';
import { throwIfAborted } from '../base/interrupt.ts';
import { nearest } from '../base/nearest.ts';
import type { Endpoint, EndpointName } from '../site/model.ts';
import type { Lease } from '../store/lease.ts';
import { type DriverWorld, startServices, targetOf } from './driver-target.ts';
import { effectiveProbes } from './effective-probes.ts';
import { elect } from './elect.ts';
import { initialState } from './endpoint-state.ts';
import { type CommandOutcome, EndpointWatch } from './endpoint-watch.ts';
import type { Command } from './event.ts';
import { momentOf } from './moment.ts';
import { type ProbeTask, startObserver } from './observe.ts';
import { checkParity } from './parity.ts';
import { policyOf } from './policy.ts';
import { type ProbeRunner, runSpec } from './probe-runner.ts';
import { reasons } from './reasons.ts';
import { restore } from './restore.ts';
import { createSaver } from './saver.ts';
import { fileStateStore, type StateStore } from './state.ts';
import { type EndpointStatus, statusOfEndpoint, statusOfFrozen, type WatchStatus } from './status.ts';
import { WatchError } from './watch-error.ts';
import type { WatchEvent } from './watch-event.ts';

export interface WatcherOptions extends DriverWorld, ProbeRunner {
  /** Default: all endpoints of the site. */
  readonly endpoints?: readonly Endpoint[];
  /** For people: `holdfast watch by root`. */
  readonly holder: string;
  /** The number of this process, for `status`. */
  readonly pid: number;
  readonly signal: AbortSignal;
  /** Hears everything from the first moment on; more can `subscribe` later. */
  readonly listener?: (event: WatchEvent) => void;
  /** Default true. False: what a command without a running watcher uses: no services, nothing by itself. */
  readonly automatic?: boolean;
  /** Default: files in the state folder. */
  readonly store?: StateStore;
  /** Default: the lease of the state folder. Tests hold another. */
  readonly lease?: Lease;
}

export interface Watcher extends AsyncDisposable {
  readonly listening: readonly string[];
  status(): WatchStatus;
  /**
   * Decides on a command of a person; resolves when it is stored, and published where it changes what clients get.
   * @throws WatchError `watch/no-endpoint`, `watch/frozen`
   */
  command(endpoint: EndpointName | undefined, command: Command, by: string): Promise<CommandOutcome>;
  /** @returns a function that ends the subscription */
  subscribe(listener: (event: WatchEvent) => void): () => void;
  /** Resolves when every member of every endpoint that can be judged has been, or at the signal. */
  judged(signal: AbortSignal): Promise<void>;
}

const TICK_MS = 250;
const ADOPT_TIMEOUT_MS = 3_000;
const JUDGED_POLL_MS = 20;

/**
 * Takes the lease, starts the services of the drivers, publishes what was answered before at once, and begins to
 * probe. Dispose it to stop: clients keep the answers that stand.
 * @throws WatchError `watch/already-running` with who it is; `watch/no-probes`; what a driver's service says
 */
export async function startWatcher(o: WatcherOptions): Promise<Watcher> {
  await using started = new AsyncDisposableStack();
  const endpoints = o.endpoints ?? [...o.site.endpoints.values()];
  refuseUnprobed(o, endpoints);
  started.use(o.lease ?? (await elect(o.stateDir, o.holder, o.clock)));
  const stop = new AbortController();
  const signal = AbortSignal.any([o.signal, stop.signal]);
  const since = o.clock.now();
  const listeners = new Set<(event: WatchEvent) => void>(o.listener === undefined ? [] : [o.listener]);
  const emit = (event: WatchEvent): void => {
    for (const listener of listeners) listener(event);
  };

  const automatic = o.automatic ?? true;
  const services = automatic ? started.use(await startServices(o, endpoints, signal)) : undefined;
  const listening = services?.listening ?? [];
  const { watches, frozen } = await openAll(o, endpoints, signal, emit);
  for (const watch of watches.values()) started.use(watch);
  announce(emit, listening, frozen, o.clock.now());
  await takeUp(o, [...watches.values()], automatic, signal);
  started.use(
    startObserver({
      tasks: [...watches.values()].flatMap((watch) => tasksOf(o, watch)),
      concurrency: o.site.watch.concurrency,
      clock: o.clock,
      random: o.random,
      log: o.log,
      signal,
    }),
  );
  started.defer(startTicks(o.clock, [...watches.values()]));
  throwIfAborted(o.signal);
  const running = started.move();

  return {
    listening,
    status: () => statusOf(o, endpoints, watches, frozen, { pid: o.pid, since, listening }),
    async command(name, command, by) {
      const endpoint = pickEndpoint(endpoints, name);
      const error = frozen.get(endpoint.name);
      if (error !== undefined) throw frozenError(endpoint, error);
      return (watches.get(endpoint.name) as EndpointWatch).command(command, by);
    },
    subscribe(listener) {
      listeners.add(listener);
      announce(listener, listening, frozen, o.clock.now());
      return () => listeners.delete(listener);
    },
    async judged(until) {
      while (![...watches.values()].every(isJudged)) await o.clock.sleep(JUDGED_POLL_MS, until);
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the watcher stopped'));
      await running.disposeAsync();
      emit({ type: 'stopped', at: o.clock.now() });
      listeners.clear();
    },
  };
}

/** What every listener hears first. */
function announce(
  emit: (event: WatchEvent) => void,
  listening: readonly string[],
  frozen: Opened['frozen'],
  at: Instant,
): void {
  emit({ type: 'started', listening, at });
  for (const [endpoint, error] of frozen) emit({ type: 'frozen', endpoint, error, at });
}

/** An endpoint that nobody can judge would never be answered: said before anything is started. */
function refuseUnprobed(o: WatcherOptions, endpoints: readonly Endpoint[]): void {
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

interface Opened {
  readonly watches: ReadonlyMap<EndpointName, EndpointWatch>;
  readonly frozen: ReadonlyMap<EndpointName, ErrorRecord>;
}

/** Loads every state. One that cannot be read freezes its endpoint and no other. */
async function openAll(
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
  const member = (name: string) =>
    endpoint.members.find((one) => one.name === name) as (typeof endpoint.members)[0];
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

/** Restored answers go out at once; where there is none, what clients get already is taken over. */
async function takeUp(
  o: WatcherOptions,
  watches: readonly EndpointWatch[],
  automatic: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (automatic) for (const watch of watches) watch.begin();
  using scope = openScope(o.clock, {
    what: 'looking at what clients get',
    timeoutMs: ADOPT_TIMEOUT_MS,
    parent: signal,
  });
  await Promise.all(watches.map((watch) => watch.adopt(scope.signal)));
}

function tasksOf(o: WatcherOptions, watch: EndpointWatch): ProbeTask[] {
  const { endpoint } = watch;
  const specs = effectiveProbes(o.site, o.stacks, endpoint);
  return endpoint.members.flatMap((member) =>
    specs.map((spec) => ({
      name: `${endpoint.name}/${member.name}/${spec.name}`,
      group: endpoint.name,
      intervalMs: endpoint.intervalMs,
      timeoutMs: spec.timeoutMs ?? endpoint.timeoutMs,
      run: (signal: AbortSignal) => runSpec(o, spec, member, endpoint.timeoutMs, signal),
      onResult: (result) => watch.probed(member.name, spec.name, result),
    })),
  );
}

/** @returns a function that stops them */
function startTicks(clock: Clock, watches: readonly EndpointWatch[]): () => void {
  let cancel = (): void => {};
  const tick = (): void => {
    for (const watch of watches) watch.tick();
    cancel = clock.after(TICK_MS, tick);
  };
  cancel = clock.after(TICK_MS, tick);
  return () => cancel();
}

function isJudged(watch: EndpointWatch): boolean {
  return watch.state.members.every((member) =>
    member.probes.every((probe) => {
      const last = watch.results.get(`${member.name}/${probe.name}`);
      if (last?.status === 'unknown') return true;
      return probe.seen && probe.streak === 0 && probe.status !== 'unknown';
    }),
  );
}

function statusOf(
  o: WatcherOptions,
  endpoints: readonly Endpoint[],
  watches: Opened['watches'],
  frozen: Opened['frozen'],
  watcher: NonNullable<WatchStatus['watcher']>,
): WatchStatus {
  const at = momentOf(o.clock);
  const lines = endpoints.map((endpoint): EndpointStatus => {
    const watch = watches.get(endpoint.name);
    if (watch === undefined) {
      const error = frozen.get(endpoint.name) as ErrorRecord;
      return statusOfFrozen(endpoint, error, reasons.of('watch/broken-state'));
    }
    const { state, policy, results, published, trouble, unsavedSince } = watch;
    const drift = watch.observed?.drift;
    const extras = { results, published, trouble, unsavedSince, drift };
    return statusOfEndpoint(endpoint, state, policy, at, extras);
  });
  return { site: o.site.name, watcher, at: at.wall, endpoints: lines };
}

/**
 * The endpoint that a person means; no name is enough where the site has only one.
 * @throws WatchError `watch/no-endpoint`
 */
export function pickEndpoint(endpoints: readonly Endpoint[], name: EndpointName | undefined): Endpoint {
  const found =
    name === undefined && endpoints.length === 1
      ? endpoints[0]
      : endpoints.find((endpoint) => endpoint.name === name);
  if (found !== undefined) return found;
  const names = endpoints.map((endpoint) => endpoint.name);
  const meant = name === undefined ? undefined : nearest(name, names);
  throw new WatchError({
    code: 'watch/no-endpoint',
    message: name === undefined ? 'which endpoint is meant?' : `there is no endpoint named '${name}'`,
    expected: names.length === 0 ? 'a site with an endpoint' : `one of ${names.join(', ')}`,
    got: name ?? 'no name',
    hint: meant === undefined ? `Name one of: ${names.join(', ')}.` : `Did you mean '${meant}'?`,
  });
}

function frozenError(endpoint: Endpoint, error: ErrorRecord): WatchError {
  return new WatchError({
    code: 'watch/frozen',
    message: `endpoint ${endpoint.name} is frozen: ${error.message}`,
    ...(error.expected === undefined ? {} : { expected: error.expected }),
    ...(error.got === undefined ? {} : { got: error.got }),
    hint: error.hint,
  });
}
