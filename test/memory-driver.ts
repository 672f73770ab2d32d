/** A driver, a probe kind and a stack that live in memory: what clients get, who is well, who holds everything. */
import { z } from 'zod';
import { HoldfastError } from '../src/base/errors.ts';
import { registry } from '../src/base/registry.ts';
import type { Answer, EndpointDriver, Observed } from '../src/drivers/driver.ts';
import { DriverError } from '../src/drivers/driver-error.ts';
import type { ProbeKind, ProbeStatus } from '../src/probes/probe.ts';
import type { MemberName } from '../src/site/model.ts';
import type { Stack } from '../src/stacks/stack.ts';

/** What the test turns, and what it looks at. */
export interface MemoryWorld {
  /** By endpoint: what clients get now. It survives restarts of the watcher, as a DNS server does. */
  readonly clients: Map<string, Answer>;
  /** Every answer that reached clients, in order. */
  readonly published: { readonly endpoint: string; readonly answer: Answer }[];
  /** By member, or by `member/probe`. Missing: up. */
  readonly health: Map<string, ProbeStatus>;
  /** Members that do not hold everything. */
  readonly lacking: Set<MemberName>;
  /** Makes the next calls of publish fail or hang. */
  publish: 'works' | 'fails' | 'hangs';
  observe: 'works' | 'fails';
  /** Members that the driver answers by itself before anything was published, as an embedded server does. */
  unpublished: readonly MemberName[];
  /** Members that clients get by somebody else's hand, by endpoint. */
  readonly meddling: Map<string, readonly MemberName[]>;
  /** How many of each probe are under way, and the most there ever were of one. */
  readonly underWay: Map<string, number>;
  mostOfOne: number;
  probes: number;
  services: number;
}

/** A world in which all is well. */
export function memoryWorld(): MemoryWorld {
  return {
    clients: new Map(),
    published: [],
    health: new Map(),
    lacking: new Set(),
    publish: 'works',
    observe: 'works',
    unpublished: [],
    meddling: new Map(),
    underWay: new Map(),
    mostOfOne: 0,
    probes: 0,
    services: 0,
  };
}

/** Refuses older epochs as every driver must. */
export function memoryDriver(world: MemoryWorld): EndpointDriver<unknown> {
  return {
    name: 'memory',
    summary: { en: 'For tests.', zh: '用于测试。' },
    config: z.unknown(),
    supports: { policies: ['failover', 'all-healthy', 'weighted'], manyMembers: true },
    rules: [],
    reasons: {},
    stepKinds: [],
    facts: () => [],
    plan: () => [],
    async serve() {
      world.services++;
      return {
        listening: ['memory'],
        async [Symbol.asyncDispose]() {
          world.services--;
        },
      };
    },
    async publish(ctx, endpoint, answer) {
      const before = world.clients.get(endpoint.name);
      const same = before !== undefined && before.members.join() === answer.members.join();
      if (before !== undefined && answer.epoch < before.epoch) throw olderEpoch(before, answer);
      if (world.publish === 'fails') throw failure('publish');
      if (world.publish === 'hangs') await new Promise(() => {});
      world.clients.set(endpoint.name, answer);
      world.meddling.delete(endpoint.name);
      world.published.push({ endpoint: endpoint.name, answer });
      return { changed: !same, evidence: evidence(ctx.clock.now(), answer.members) };
    },
    async observe(ctx, endpoint): Promise<Observed> {
      if (world.observe === 'fails') throw failure('observe');
      const known = world.meddling.get(endpoint.name) ?? world.clients.get(endpoint.name)?.members;
      const members = known ?? world.unpublished;
      if (known === undefined && members.length > 0) {
        return { members, strangers: [], unpublished: true, evidence: evidence(ctx.clock.now(), members) };
      }
      return { members, strangers: [], evidence: evidence(ctx.clock.now(), members) };
    },
  };
}

/** Answers from the world's table, after `delayMs` of the clock. */
export function memoryProbe(world: MemoryWorld): ProbeKind<{ delayMs?: number | undefined }> {
  return {
    kind: 'memory',
    summary: { en: 'For tests.', zh: '用于测试。' },
    args: z.object({ delayMs: z.number().optional() }),
    reasons: { 'memory/up': { en: 'up', zh: '正常' }, 'memory/down': { en: 'down', zh: '故障' } },
    title: (_args, target) => `ask ${target.member}`,
    async run(ctx, args) {
      const { member } = ctx.target;
      const running = (world.underWay.get(member) ?? 0) + 1;
      world.underWay.set(member, running);
      world.mostOfOne = Math.max(world.mostOfOne, running);
      world.probes++;
      try {
        if (args.delayMs !== undefined) await ctx.clock.sleep(args.delayMs, ctx.signal);
        const status = world.health.get(member) ?? 'up';
        const because = { code: `memory/${status}`, params: {} };
        const asked = `ask ${member}`;
        return { status, asked, got: status, expected: 'up', tookMs: 1, at: ctx.clock.now(), because };
      } finally {
        world.underWay.set(member, running - 1);
      }
    },
  };
}

/** Its parity condition: the candidate is not in `world.lacking`. */
export function memoryStack(): Stack<unknown> {
  return {
    name: 'memory',
    summary: { en: 'For tests.', zh: '用于测试。' },
    spec: z.unknown(),
    rules: [],
    reasons: {},
    stepKinds: [],
    probeKinds: [],
    facts: () => [],
    plan: () => [],
    probes: () => [{ name: 'well', kind: 'memory', args: {} }],
    fitToLead: () => [{ name: 'parity', kind: 'memory-parity', args: {} }],
  };
}

/** The probe behind the parity condition. */
export function memoryParity(world: MemoryWorld): ProbeKind<unknown> {
  return {
    ...memoryProbe(world),
    kind: 'memory-parity',
    args: z.unknown(),
    reasons: { 'memory/lacks': { en: '{member} lacks 1 image', zh: '{member} 缺少 1 个镜像' } },
    async run(ctx) {
      const { member } = ctx.target;
      const status = world.lacking.has(member) ? 'down' : 'up';
      const because = { code: status === 'up' ? 'memory/up' : 'memory/lacks', params: { member } };
      const asked = `compare ${member}`;
      return { status, asked, got: status, expected: 'all', tookMs: 1, at: ctx.clock.now(), because };
    },
  };
}

/** The families as the watcher takes them. */
export function memoryFamilies(world: MemoryWorld) {
  return {
    drivers: registry('driver', [memoryDriver(world)], (driver) => driver.name),
    stacks: registry('stack', [memoryStack()], (stack) => stack.name),
    probeKinds: registry<ProbeKind<never>>(
      'probe kind',
      [memoryProbe(world) as ProbeKind<never>, memoryParity(world) as ProbeKind<never>],
      (kind) => kind.kind,
    ),
  };
}

function failure(what: string): HoldfastError {
  return new HoldfastError({
    code: `memory/${what}`,
    message: `cannot ${what}`,
    hint: 'This is a test.',
    retryable: true,
  });
}

function olderEpoch(before: Answer, answer: Answer): DriverError {
  return new DriverError({
    code: 'driver/older-epoch',
    message: 'an answer older than the published one was refused',
    expected: `an epoch above ${before.epoch}`,
    got: `epoch ${answer.epoch}`,
    hint: 'Another controller leads.',
  });
}

function evidence(at: number, members: readonly string[]) {
  return { asked: 'memory', got: members.join(), at, tookMs: 0 };
}
