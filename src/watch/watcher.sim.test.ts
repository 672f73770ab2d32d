/**
 * Simulation of whole watchers on simulated time: members that fall, drivers that fail or hang, disks that fill,
 * people who command, and kill -9 at any moment. What is asserted is what clients get. `HOLDFAST_SIM_RUNS` for more.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testEndpoint, testMembers } from '../../test/watch-scenario.ts';
import { WatchWorld } from '../../test/watch-world.ts';
import type { PolicyName } from '../site/model.ts';
import type { Command } from './event.ts';

const RUNS = Math.max(60, Number(process.env.HOLDFAST_SIM_RUNS ?? 0) / 100);
const MEMBERS = ['original', 'standby', 'third'];
/** Longer than any back-off, grace and time well of these endpoints together. */
const CALM_MS = 90_000;

const member = fc.constantFrom(...MEMBERS);
const act = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('health' as const), member, well: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), awayMs: fc.nat(20_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('driver' as const),
      to: fc.constantFrom('works', 'fails', 'hangs'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disk' as const), broken: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lacks' as const), member, lacks: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('meddle' as const), member }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('command' as const),
      command: fc.oneof<fc.Arbitrary<Command>[]>(
        fc.record({ verb: fc.constant('switch' as const), to: member, acceptLoss: fc.boolean() }),
        fc.record({ verb: fc.constant('drain' as const), member, acceptLoss: fc.boolean() }),
        fc.record({ verb: fc.constant('undrain' as const), member }),
        fc.record({
          verb: fc.constant('force' as const),
          members: fc.tuple(member),
          forMs: fc.constant(15_000),
        }),
        fc.record({ verb: fc.constant('release' as const) }),
      ),
    }),
  },
);
const life = fc.record({
  policy: fc.constantFrom<PolicyName>('failover', 'all-healthy'),
  seed: fc.integer({ min: 1, max: 2 ** 31 - 2 }),
  acts: fc.array(fc.tuple(act, fc.nat(4_000)), { minLength: 5, maxLength: 40 }),
});
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-sim-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Health as clients would feel it, kept beside the probes' table. */
async function perform(world: WatchWorld, one: Act): Promise<void> {
  switch (one.do) {
    case 'health':
      world.world.health.set(one.member, one.well ? 'up' : 'down');
      return;
    case 'kill':
      // Both at once is the one case that needs a person: the epoch on disk is older than the published one.
      if (world.watcher?.status().endpoints[0]?.unsavedSince !== undefined) return;
      await world.kill();
      await world.clock.advance(one.awayMs);
      await world.start();
      return;
    case 'driver':
      world.world.publish = one.to as 'works';
      return;
    case 'disk':
      world.store.broken = one.broken;
      return;
    case 'lacks':
      if (one.lacks) world.world.lacking.add(one.member);
      else world.world.lacking.delete(one.member);
      return;
    case 'meddle':
      if (world.clients().length > 0) world.world.meddling.set('registry', [one.member]);
      return;
    case 'command':
      world.watcher?.command('registry', one.command, 'li').catch(() => {});
  }
}

/** What must hold at every moment. */
function check(world: WatchWorld, policy: PolicyName): void {
  const clients = world.world.clients.get('registry');
  if (clients !== undefined && clients.members.length === 0) throw new Error('clients get nothing');
  if (policy === 'failover' && (clients?.members.length ?? 0) > 1) throw new Error('clients get two members');
  if (world.world.mostOfOne > 1) throw new Error('two of the same probe at once');
  const [endpoint] = world.watcher?.status().endpoints ?? [];
  if (endpoint?.frozen !== undefined) throw new Error('frozen by a state that Holdfast wrote itself');
}

async function live(of: typeof life extends fc.Arbitrary<infer L> ? L : never): Promise<void> {
  const failback = { mode: 'auto', afterMs: 5_000 } as const;
  const members = testMembers(...MEMBERS);
  const world = new WatchWorld(folder, [
    testEndpoint({ policy: of.policy, members, failback, holdDownMs: 3_000 }),
  ]);
  let seed = of.seed;
  world.random = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  await world.start();
  try {
    for (const [one, pauseMs] of of.acts) {
      await perform(world, one);
      check(world, of.policy);
      await world.clock.advance(pauseMs);
      check(world, of.policy);
    }
    await calmDown(world, of.policy);
  } finally {
    await world.stop();
  }
}

/** Once the world is calm again, clients get members that are well, and exactly those that were decided on. */
async function calmDown(world: WatchWorld, policy: PolicyName): Promise<void> {
  world.world.publish = 'works';
  world.store.broken = false;
  world.world.lacking.clear();
  world.world.health.set('standby', 'up');
  for (const verb of ['release', 'undrain'] as const) {
    for (const name of MEMBERS) {
      const command = verb === 'release' ? { verb } : { verb, member: name };
      world.watcher?.command('registry', command, 'li').catch(() => {});
    }
  }
  await world.clock.advance(CALM_MS);
  check(world, policy);
  const [endpoint] = world.watcher?.status().endpoints ?? [];
  if (endpoint?.stoodDownSince !== undefined) throw new Error('stood down without another leader');
  expect(world.clients()).toEqual(endpoint?.answer?.members);
  for (const name of world.clients()) expect(world.world.health.get(name) ?? 'up').toBe('up');
}

test(`in ${RUNS} random lives of a watcher, clients are never left with nothing or with the wrong one`, {
  timeout: 0,
}, async () => {
  await fc.assert(fc.asyncProperty(life, live), { numRuns: RUNS });
});
