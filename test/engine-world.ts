/**
 * A world in memory for the engine's tests: hosts as maps of values, a run store, locks, and step kinds that change
 * the world in several small writes. Every write, and every append to a journal, is an *operation*: a test can have
 * the process die before or after any of them, as kill -9 does: nothing it had begun ever goes on.
 */
import { z } from 'zod';
import { silentLogger } from '../src/base/log.ts';
import { defineReasons } from '../src/base/reason.ts';
import { registry } from '../src/base/registry.ts';
import { Secret } from '../src/base/secret.ts';
import type { Engine, StopSignals } from '../src/engine/engine.ts';
import type { EngineEvent } from '../src/engine/events.ts';
import type { HostLock, HostLocks } from '../src/engine/lock.ts';
import { makePlan, type Plan } from '../src/engine/plan.ts';
import type { AnyStepKind } from '../src/engine/resolve.ts';
import type { Step, StepContext, StepKind } from '../src/engine/step.ts';
import type { Straggler } from '../src/engine/stragglers.ts';
import type { Endpoint, HostSpec, Site } from '../src/site/model.ts';
import type { Entry, EntryBody, Journal } from '../src/store/journal.ts';
import { KnownSecrets } from '../src/store/known-secrets.ts';
import type { RunStore } from '../src/store/store.ts';
import { StoreError } from '../src/store/store-error.ts';
import { fakeHost, fakePool } from './fake-host.ts';
import { SimClock } from './sim-clock.ts';

const NEVER = new Promise<never>(() => {});

/** Thrown out of `live` when the process died. */
export class Died extends Error {}

export class World {
  /** Host → key → value. */
  readonly hosts = new Map<string, Map<string, string>>();
  readonly runs = new Map<string, { document: unknown; entries: Entry[]; process?: Process }>();
  readonly locks = new Map<string, HostLock>();
  /** What is found at work on a host, one answer after the other; then nothing. */
  readonly stragglers: (readonly Straggler[])[] = [];
  readonly leases = new Map<string, { holder: string; process: Process }>();
  /** Kind calls in order: `apply a`, `revert a`. */
  readonly calls: string[] = [];
  readonly clock = new SimClock();
  /** Of the random numbers that processes draw. */
  seed = 1;

  host(name: string): Map<string, string> {
    const found = this.hosts.get(name) ?? new Map<string, string>();
    this.hosts.set(name, found);
    return found;
  }

  /** All values, for comparing. */
  picture(): Record<string, Record<string, string>> {
    const touched = [...this.hosts].filter(([, values]) => values.size > 0);
    const sorted = touched.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(([name, values]) => [name, Object.fromEntries([...values].sort())]));
  }
}

/** One Holdfast process at work on the world. It may die at an operation. */
export class Process {
  readonly world: World;
  readonly events: EngineEvent[] = [];
  readonly stop = new AbortController();
  readonly abort = new AbortController();
  /** Operations so far. */
  operations = 0;
  isDead = false;
  /** Dies at this operation: before it happens, or after. */
  #dieAt: { operation: number; when: 'before' | 'after' } | undefined;
  #die: () => void = () => {};
  readonly #died: Promise<void>;

  constructor(world: World, dieAt?: { operation: number; when: 'before' | 'after' }) {
    this.world = world;
    this.#dieAt = dieAt;
    this.#died = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  get signals(): StopSignals {
    return { stop: this.stop.signal, abort: this.abort.signal };
  }

  /** One operation; never resolves once the process is dead. */
  async operate<T>(act: () => T): Promise<T> {
    if (this.isDead) return NEVER;
    const at = this.#dieAt?.operation === this.operations ? this.#dieAt.when : undefined;
    this.operations++;
    if (at === 'before') return this.#perish();
    const result = act();
    if (at === 'after') return this.#perish();
    await Promise.resolve();
    return this.isDead ? NEVER : result;
  }

  /** Runs something until it ends or the process dies. @throws Died */
  async live<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {});
    const death = this.#died.then(() => {
      throw new Died();
    });
    return Promise.race([work, death]);
  }

  /** Dies here and now. */
  kill(): void {
    this.isDead = true;
    this.#die();
  }

  async #perish(): Promise<never> {
    this.kill();
    return NEVER;
  }
}

export interface EngineOptions {
  readonly hosts?: readonly string[];
  readonly endpoints?: readonly Endpoint[];
  readonly kinds?: readonly AnyStepKind[];
  readonly user?: string;
  readonly hostsAtOnce?: number;
  readonly secrets?: Readonly<Record<string, string>>;
  /** A pid that is not alive: this process's locks look as left behind. */
  readonly looksDead?: boolean;
}

/** An engine of one process over the world. */
export function engineOf(process: Process, o: EngineOptions = {}): Engine {
  const { world } = process;
  const names = o.hosts ?? ['a', 'b', 'c'];
  const secrets = new KnownSecrets();
  return {
    site: fakeSite(names, o.endpoints ?? []),
    kinds: registry('step kind', [...kindsOf(process), ...(o.kinds ?? [])], (kind) => kind.kind),
    hosts: fakePool(...names.map((name) => fakeHost(name)), fakeHost('controller')),
    runs: memoryRuns(process, secrets),
    locks: memoryLocks(process),
    clock: world.clock,
    log: silentLogger,
    random: () => {
      world.seed = (world.seed * 16807) % 2147483647;
      return world.seed / 2147483647;
    },
    operator: { user: o.user ?? 'anna', host: 'ctl', pid: 1 },
    process: { machine: 'ctl', pid: o.looksDead ? 2 ** 30 : globalThis.process.pid },
    secrets,
    secret: async (reference) => new Secret(reference, o.secrets?.[reference] ?? 'unset'),
    render: (reason) => `${reason.code} ${JSON.stringify(reason.params)}`,
    hostsAtOnce: o.hostsAtOnce ?? 10,
    emit: (event) => process.events.push(event),
  };
}

function fakeSite(names: readonly string[], endpoints: readonly Endpoint[]): Site {
  const hosts = new Map(names.map((name) => [name, { name } as HostSpec]));
  return {
    name: 'test',
    file: 'site.yaml',
    hosts,
    endpoints: new Map(endpoints.map((endpoint) => [endpoint.name, endpoint])),
    stacks: new Map(),
    watch: { concurrency: 1 },
    suppressions: [],
    digest: 'sha256:site',
    where: () => ({ file: 'site.yaml', line: 1, column: 1 }),
  };
}

/** A plan of the given steps for the fake site. */
export function planOf(steps: readonly Step[]): Plan {
  return makePlan({
    procedure: 'apply',
    request: {},
    site: 'sha256:site',
    facts: 'sha256:facts',
    steps,
  });
}

/** A step that sets a value; `o` adds what it needs and how it does it. */
export function setStep(
  id: string,
  host: string | undefined,
  o: Partial<SetArgs> & { needs?: readonly string[]; kind?: string } = {},
): Step {
  const { needs = [], kind = 'set', ...args } = o;
  return {
    id,
    kind,
    ...(host === undefined ? {} : { host }),
    args: { key: id, value: 'new', writes: 2, ...args },
    needs,
    why: { code: 'test/why', params: {} },
  };
}

const setArgs = z.object({ key: z.string(), value: z.string(), writes: z.number() });
export type SetArgs = z.infer<typeof setArgs>;

const reasons = defineReasons({
  'test/set': { en: 'set {key}', zh: '设置 {key}' },
  'test/same': { en: 'is so', zh: '已如此' },
  'test/final': { en: 'cannot be undone', zh: '不可撤销' },
});

/**
 * `set` (reversible), `set-amending` (says what it does while it does it), `set-content` (in one write each; what it
 * reverts is content that a person may have changed since: kept under `KEY kept`) and `set-final`.
 */
function kindsOf(process: Process): readonly AnyStepKind[] {
  const valuesOf = (ctx: StepContext) => process.world.host(ctx.host.host);
  const write = (ctx: StepContext, key: string, value: string | null) =>
    process.operate(() => {
      if (value === null) valuesOf(ctx).delete(key);
      else valuesOf(ctx).set(key, value);
    });
  const forward = async (ctx: StepContext, args: SetArgs) => {
    for (let part = 1; part < args.writes; part++) await write(ctx, args.key, `${args.value} part ${part}`);
    await write(ctx, args.key, args.value);
  };
  const frame = {
    args: setArgs,
    reasons,
    retrySafe: false,
    title: ({ key }: SetArgs) => reasons.of('test/set', { key }),
    async check(ctx: StepContext, args: SetArgs) {
      const now = valuesOf(ctx).get(args.key);
      if (now === args.value) return { state: 'done' as const, because: reasons.of('test/same') };
      return { state: 'todo' as const, diff: { summary: `${args.key}: ${now} → ${args.value}` } };
    },
    async verify(ctx: StepContext, args: SetArgs) {
      const got = String(valuesOf(ctx).get(args.key));
      if (got !== args.value) throw new Error(`verify found ${got}`);
      return { asked: args.key, got, expected: args.value, at: ctx.clock.now(), tookMs: 1 };
    },
  };
  const undo = z.object({ old: z.string().nullable(), backup: z.string().optional() });
  type Undo = z.infer<typeof undo>;
  const set: StepKind<SetArgs, Undo> = {
    ...frame,
    kind: 'set',
    async apply(ctx, args) {
      process.world.calls.push(`apply ${args.key}`);
      await forward(ctx, args);
    },
    undo: {
      schema: undo,
      async capture(ctx, args) {
        process.world.calls.push(`capture ${args.key}`);
        return { old: valuesOf(ctx).get(args.key) ?? null };
      },
      async revert(ctx, captured, args) {
        process.world.calls.push(`revert ${args.key}`);
        await write(ctx, args.key, 'half reverted');
        await write(ctx, args.key, captured.old);
      },
    },
  };
  const amending: StepKind<SetArgs, Undo> = {
    ...set,
    kind: 'set-amending',
    async apply(ctx, args, captured) {
      process.world.calls.push(`apply ${args.key}`);
      // Only now it is known where the old value goes.
      const backup = captured.backup ?? `${args.key}.bak`;
      await ctx.amendUndo({ backup });
      await write(ctx, backup, captured.old);
      await forward(ctx, args);
    },
    undo: {
      ...(set.undo as Extract<typeof set.undo, { schema: unknown }>),
      async revert(ctx, captured, args) {
        process.world.calls.push(`revert ${args.key}`);
        await write(ctx, args.key, captured.old);
        if (captured.backup !== undefined) await write(ctx, captured.backup, null);
      },
    },
  };
  const content: StepKind<SetArgs, Undo> = {
    ...set,
    kind: 'set-content',
    apply: (ctx, args) => write(ctx, args.key, args.value),
    undo: {
      ...(set.undo as Extract<typeof set.undo, { schema: unknown }>),
      async revert(ctx, captured, args) {
        process.world.calls.push(`revert ${args.key}`);
        await write(ctx, args.key, captured.old);
      },
      content: {
        names: ({ key }) => [key],
        async drift(ctx, { old }, { key, value }) {
          const now = valuesOf(ctx).get(key);
          if (now === undefined || now === value || now === old) return [];
          return [{ name: key, diff: { summary: `${value} → ${now}` } }];
        },
        async keep(ctx, key) {
          const kept = `${key} kept`;
          await ctx.amendUndo({ backup: kept });
          await write(ctx, kept, valuesOf(ctx).get(key) ?? null);
          return kept;
        },
      },
    },
  };
  const final: StepKind<SetArgs, never> = {
    ...frame,
    kind: 'set-final',
    async apply(ctx, args) {
      process.world.calls.push(`apply ${args.key}`);
      await forward(ctx, args);
    },
    undo: { final: reasons.of('test/final') },
  };
  return [set, amending, content, final];
}

/** Runs that outlive processes; a run is held by the process that opened it, as long as that lives. */
function memoryRuns(process: Process, secrets: KnownSecrets): RunStore {
  const { runs, leases, clock } = process.world;
  const held = (run: string): void => {
    const holder = runs.get(run)?.process;
    if (holder === undefined || holder.isDead) return;
    throw new StoreError({ code: 'store/held', message: `run ${run} is held`, hint: 'wait' });
  };
  const journalOf = (run: string, epoch: number): Journal => {
    const kept = runs.get(run)!;
    kept.process = process;
    return {
      run,
      epoch,
      append: (body: EntryBody) =>
        process.operate(() => {
          // What JSON gives back, as the file does.
          const entry = { at: clock.now(), epoch, ...secrets.redactIn(body) };
          kept.entries.push(JSON.parse(JSON.stringify(entry)) as Entry);
        }),
      async *read() {
        yield* kept.entries;
      },
      async [Symbol.asyncDispose]() {
        if (!process.isDead) delete kept.process;
      },
    };
  };
  return {
    place: '/memory',
    async create(run, document) {
      await process.operate(() => {
        runs.set(run, { document: JSON.parse(JSON.stringify(document)), entries: [], process });
      });
      return journalOf(run, 1);
    },
    async open(run) {
      held(run);
      const kept = runs.get(run)!;
      const epoch = Math.max(0, ...kept.entries.map((entry) => entry.epoch)) + 1;
      return { document: kept.document, entries: [...kept.entries], journal: journalOf(run, epoch) };
    },
    async look(run) {
      const { document, entries } = runs.get(run)!;
      return { run, document, entries: [...entries] };
    },
    async lease(name, holder) {
      const taken = leases.get(name);
      if (taken !== undefined && !taken.process.isDead)
        throw new StoreError({ code: 'store/held', message: `${taken.holder} holds it`, hint: 'wait' });
      leases.set(name, { holder, process });
      return {
        async [Symbol.asyncDispose]() {
          if (!process.isDead) leases.delete(name);
        },
      };
    },
    list: async () => [...runs.keys()].sort().reverse(),
  };
}

function memoryLocks(process: Process): HostLocks {
  const { locks } = process.world;
  return {
    look: async (host) => locks.get(host),
    take: (host, record) =>
      process.operate(() => {
        const held = locks.get(host);
        if (held !== undefined) return { held };
        const taken = { host, file: '/lock', text: JSON.stringify(record), record };
        locks.set(host, taken);
        return { taken };
      }),
    release: (lock) =>
      process.operate(() => {
        if (locks.get(lock.host)?.text !== lock.text) return false;
        return locks.delete(lock.host);
      }),
    stragglers: async () => process.world.stragglers.shift() ?? [],
  };
}
