/**
 * The watcher: one process that keeps every endpoint of a site answered. It wires the parts of this folder together
 * and decides nothing itself.
 */
import { openScope } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { throwIfAborted } from '../base/interrupt.ts';
import type { Endpoint, EndpointName } from '../site/model.ts';
import type { Lease } from '../store/lease.ts';
import { linkToWatcher } from './control-client.ts';
import { startServices } from './driver-target.ts';
import { elect } from './elect.ts';
import type { CommandOutcome, EndpointWatch } from './endpoint-watch.ts';
import type { Command } from './event.ts';
import { createFanOut, type FanOut, type WatchListener } from './fan-out.ts';
import { type Observer, startObserver } from './observe.ts';
import { type Opened, openEndpoints, refuseUnprobed } from './open-endpoints.ts';
import { frozenError, pickEndpoint } from './pick-endpoint.ts';
import { isJudged, tasksOf } from './probe-tasks.ts';
import { runningStatus } from './running-status.ts';
import type { WatchStatus } from './status.ts';
import { WatchError } from './watch-error.ts';
import type { WatcherOptions } from './watcher-options.ts';

export interface Watcher extends AsyncDisposable {
  readonly listening: readonly string[];
  status(): WatchStatus;
  /**
   * Decides on a command of a person; resolves when it is stored, and published where it changes what clients get.
   * @throws WatchError `watch/no-endpoint`, `watch/frozen`
   */
  command(endpoint: EndpointName | undefined, command: Command, by: string): Promise<CommandOutcome>;
  /** @returns a function that ends the subscription */
  subscribe(listener: WatchListener): () => void;
  /** Resolves when every member of every endpoint that can be judged has been, or at the signal. */
  judged(signal: AbortSignal): Promise<void>;
}

const TICK_MS = 250;
const ADOPT_TIMEOUT_MS = 3_000;
const JUDGED_POLL_MS = 20;
const LEASE_POLL_MS = 100;
/** Longer than a command judges the members. */
const COMMAND_PATIENCE_MS = 30_000;

/**
 * Takes the lease, starts the services of the drivers, publishes what was answered before at once, and begins to
 * probe. Dispose it to stop: clients keep the answers that stand.
 * @throws WatchError `watch/already-running` with who it is; `watch/no-probes`; what a driver's service says
 */
export async function startWatcher(o: WatcherOptions): Promise<Watcher> {
  await using started = new AsyncDisposableStack();
  const endpoints = o.endpoints ?? [...o.site.endpoints.values()];
  refuseUnprobed(o, endpoints);
  const automatic = o.automatic ?? true;
  started.use(o.lease ?? (await takeLease(o, automatic)));
  const stop = new AbortController();
  const signal = AbortSignal.any([o.signal, stop.signal]);
  const fanOut = createFanOut(o.log, o.listener);
  const services = automatic ? started.use(await startServices(o, endpoints, signal)) : undefined;
  const listening = services?.listening ?? [];
  const opened = await openEndpoints(o, endpoints, signal, fanOut.emit);
  const watches = [...opened.watches.values()];
  for (const watch of watches) started.use(watch);
  announce(fanOut.emit, listening, opened, o.clock);
  await takeUp(o, watches, automatic, signal);
  started.use(observe(o, watches, signal));
  started.defer(startTicks(o.clock, watches));
  throwIfAborted(o.signal);
  return makeWatcher(o, { endpoints, opened, listening, fanOut, stop, parts: started.move() });
}

/** A watcher waits for a command that decides by itself: that holds the lease for a moment, and has no socket. */
async function takeLease(o: WatcherOptions, automatic: boolean): Promise<Lease> {
  const endMs = o.clock.monotonicMs() + COMMAND_PATIENCE_MS;
  for (;;) {
    try {
      return await elect(o.stateDir, o.holder, o.clock);
    } catch (error) {
      if (!(error instanceof WatchError) || error.code !== 'watch/already-running') throw error;
      if (!automatic || o.clock.monotonicMs() >= endMs) throw error;
      const link = await linkToWatcher(o.stateDir, o);
      await link?.[Symbol.asyncDispose]();
      if (link !== undefined) throw error;
    }
    await o.clock.sleep(LEASE_POLL_MS, o.signal);
  }
}

interface Parts {
  readonly endpoints: readonly Endpoint[];
  readonly opened: Opened;
  readonly listening: readonly string[];
  readonly fanOut: FanOut;
  readonly stop: AbortController;
  readonly parts: AsyncDisposableStack;
}

function makeWatcher(
  o: WatcherOptions,
  { endpoints, opened, listening, fanOut, stop, parts }: Parts,
): Watcher {
  const since = o.clock.now();
  const watches = [...opened.watches.values()];
  return {
    listening,
    status: () => runningStatus(o, endpoints, opened, { pid: o.pid, since, listening }),
    async command(name, command, by) {
      const endpoint = pickEndpoint(endpoints, name);
      const error = opened.frozen.get(endpoint.name);
      if (error !== undefined) throw frozenError(endpoint, error);
      return (opened.watches.get(endpoint.name) as EndpointWatch).command(command, by);
    },
    subscribe(listener) {
      announce(listener, listening, opened, o.clock);
      return fanOut.add(listener);
    },
    async judged(until) {
      while (!watches.every(isJudged)) await o.clock.sleep(JUDGED_POLL_MS, until);
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the watcher stopped'));
      await parts.disposeAsync();
      fanOut.emit({ type: 'stopped', at: o.clock.now() });
      fanOut.clear();
    },
  };
}

/** What every listener hears first. */
function announce(emit: WatchListener, listening: readonly string[], { frozen }: Opened, clock: Clock): void {
  const at = clock.now();
  emit({ type: 'started', listening, at });
  for (const [endpoint, error] of frozen) emit({ type: 'frozen', endpoint, error, at });
}

function observe(o: WatcherOptions, watches: readonly EndpointWatch[], signal: AbortSignal): Observer {
  const { clock, random, log } = o;
  const { concurrency } = o.site.watch;
  const tasks = watches.flatMap((watch) => tasksOf(o, watch));
  return startObserver({ tasks, concurrency, clock, random, log, signal });
}

/** Restored answers go out at once; where there is none, and where hosts moved by themselves, what clients get is taken over. */
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
