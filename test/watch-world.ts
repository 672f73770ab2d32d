/** A watcher on simulated time, with everything around it in memory. */
import { silentLogger } from '../src/base/log.ts';
import { Secret } from '../src/base/secret.ts';
import type { HostPool } from '../src/hosts/host.ts';
import type { Endpoint, Site } from '../src/site/model.ts';
import type { StateStore } from '../src/watch/state.ts';
import { type Stored, storedSchema } from '../src/watch/stored.ts';
import type { WatchEvent } from '../src/watch/watch-event.ts';
import { startWatcher, type Watcher } from '../src/watch/watcher.ts';
import type { WatcherOptions } from '../src/watch/watcher-options.ts';
import { makeSite } from './driver-world.ts';
import { type MemoryWorld, memoryFamilies, memoryWorld } from './memory-driver.ts';
import { SimClock } from './sim-clock.ts';
import { testEndpoint } from './watch-scenario.ts';

/** States as JSON texts, which survive a kill of the watcher. */
export function memoryStore(): StateStore & { readonly texts: Map<string, string>; broken: boolean } {
  const texts = new Map<string, string>();
  return {
    texts,
    broken: false,
    async load(endpoint): Promise<Stored | undefined> {
      const text = texts.get(endpoint);
      return text === undefined ? undefined : storedSchema.parse(JSON.parse(text));
    },
    async save(stored) {
      if (this.broken) throw new Error('the disk is full');
      texts.set(stored.endpoint, JSON.stringify(stored));
    },
  };
}

const noHosts: HostPool = {
  connect: () => Promise.reject(new Error('no hosts in this test')),
  controller: () => {
    throw new Error('no controller in this test');
  },
  async [Symbol.asyncDispose]() {},
};

export class WatchWorld {
  readonly clock = new SimClock();
  readonly world: MemoryWorld = memoryWorld();
  readonly store = memoryStore();
  readonly events: WatchEvent[] = [];
  readonly stateDir: string;
  readonly site: Site;
  watcher: Watcher | undefined;
  /** Set to make jitter: 0…1. The middle means none. */
  random: () => number = () => 0.5;

  /** @param stateDir where drivers may make their folders */
  constructor(stateDir: string, endpoints: readonly Endpoint[] = [testEndpoint()]) {
    this.stateDir = stateDir;
    const stack = { name: 'platform', kind: 'memory', endpoint: 'registry', spec: {} };
    this.site = { ...makeSite(endpoints), stacks: new Map([[stack.name, stack]]) };
  }

  /** What clients of an endpoint get. */
  clients(endpoint = 'registry'): readonly string[] {
    return this.world.meddling.get(endpoint) ?? this.world.clients.get(endpoint)?.members ?? [];
  }

  options(over: Partial<WatcherOptions> = {}): WatcherOptions {
    return {
      site: this.site,
      ...memoryFamilies(this.world),
      hosts: noHosts,
      clock: this.clock,
      random: () => this.random(),
      log: silentLogger,
      stateDir: this.stateDir,
      secret: async (reference) => new Secret(reference, 'x'),
      holder: 'test',
      pid: 1,
      signal: new AbortController().signal,
      store: this.store,
      lease: { path: '', since: 0, async [Symbol.asyncDispose]() {} },
      listener: (event) => this.events.push(event),
      ...over,
    };
  }

  /** Starts and lets it settle; time moves a little, because starting waits for its drivers. */
  async start(over: Partial<WatcherOptions> = {}): Promise<Watcher> {
    const starting = startWatcher(this.options(over));
    let ready = false;
    void starting.then(
      () => {
        ready = true;
      },
      () => {
        ready = true;
      },
    );
    for (let turn = 0; turn < 10_000 && !ready; turn++) await this.clock.advance(0);
    this.watcher = await starting;
    return this.watcher;
  }

  async stop(): Promise<void> {
    const stopping = this.watcher?.[Symbol.asyncDispose]();
    await this.clock.advance(10);
    await stopping;
    this.watcher = undefined;
  }

  /** Kill -9: memory is gone, nothing is told to anybody. What was on its way is lost. */
  async kill(): Promise<void> {
    const published = this.world.publish;
    const texts = new Map(this.store.texts);
    const clients = new Map(this.world.clients);
    await this.stop();
    this.world.publish = published;
    this.store.texts.clear();
    for (const [name, text] of texts) this.store.texts.set(name, text);
    this.world.clients.clear();
    for (const [name, answer] of clients) this.world.clients.set(name, answer);
  }
}
