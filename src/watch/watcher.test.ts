import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testEndpoint, testMembers } from '../../test/watch-scenario.ts';
import { WatchWorld } from '../../test/watch-world.ts';
import type { WatchEvent } from './watch-event.ts';

let folder: string;
let world: WatchWorld;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-watch-'));
  world = new WatchWorld(folder);
});
afterEach(async () => {
  await world.stop();
  await rm(folder, { recursive: true });
});

function eventsOf<T extends WatchEvent['type']>(type: T): Extract<WatchEvent, { type: T }>[] {
  return world.events.filter((event): event is Extract<WatchEvent, { type: T }> => event.type === type);
}

/** Clients get what this says within simulated milliseconds. */
async function until(condition: () => boolean, withinMs: number): Promise<void> {
  for (let ms = 0; ms < withinMs && !condition(); ms += 50) await world.clock.advance(50);
  expect(condition()).toBe(true);
}

describe('a watcher', () => {
  test('publishes the preferred member, and the standby when that falls', async () => {
    await world.start();
    await until(() => world.clients().join() === 'original', 2_000);
    world.world.health.set('original', 'down');
    await until(() => world.clients().join() === 'standby', 3_000);
    expect(eventsOf('changed').map((event) => event.kind)).toEqual(['first', 'failover']);
  });

  test('looks again after half an interval where a verdict is in doubt', async () => {
    await world.start();
    await world.clock.advance(20_000);
    const before = world.world.probes;
    world.world.health.set('original', 'down');
    await until(() => world.clients().join() === 'standby', 1_500);
    expect(world.world.probes - before).toBeLessThan(8);
  });

  test('goes back only when the stack finds nothing lacking, and says what it waits for', async () => {
    world = new WatchWorld(folder, [testEndpoint({ failback: { mode: 'auto', afterMs: 5_000 } })]);
    await world.start();
    await world.clock.advance(2_000);
    world.world.lacking.add('original');
    world.world.health.set('original', 'down');
    await until(() => world.clients().join() === 'standby', 3_000);
    world.world.health.delete('original');
    await world.clock.advance(30_000);
    expect(world.clients()).toEqual(['standby']);
    expect(world.watcher?.status().endpoints[0]?.now).toMatchObject({
      code: 'watch/failback-lacks',
      params: { member: 'original', why: { code: 'memory/lacks' } },
    });
    world.world.lacking.clear();
    await until(() => world.clients().join() === 'original', 35_000);
    expect(eventsOf('parity').map((event) => event.fit)).toContain(false);
  });

  test('serves the restored answer at once after kill -9, before any probe', async () => {
    await world.start();
    await world.clock.advance(2_000);
    world.world.health.set('original', 'down');
    await until(() => world.clients().join() === 'standby', 3_000);
    const before = world.world.clients.get('registry')?.epoch ?? 0;
    await world.kill();
    world.world.clients.delete('registry');
    const probes = world.world.probes;
    await world.start();
    await world.clock.advance(0);
    expect(world.clients()).toEqual(['standby']);
    expect(world.world.probes).toBe(probes);
    expect(world.world.clients.get('registry')?.epoch).toBeGreaterThan(before);
  });

  test('takes over what clients get when it starts for the first time', async () => {
    const because = { code: 'test', params: {} };
    world.world.clients.set('registry', { members: ['standby'], ttlMs: 86_400_000, epoch: 0, because });
    await world.start();
    await world.clock.advance(5_000);
    expect(world.clients()).toEqual(['standby']);
    expect(world.world.clients.get('registry')?.ttlMs).toBe(1_000);
    expect(eventsOf('changed').map((event) => event.kind)).toEqual(['adopted']);
  });

  test('takes nothing over where the driver only answers by itself what nobody chose: the probes choose', async () => {
    world.world.unpublished = ['original'];
    world.world.health.set('original', 'down');
    await world.start();
    await world.clock.advance(5_000);
    expect(world.clients()).toEqual(['standby']);
    expect(eventsOf('changed').map((event) => event.kind)).toEqual(['first']);
  });

  test('keeps services up while it runs, and leaves the answers in place when it stops', async () => {
    await world.start();
    expect(world.world.services).toBe(1);
    await world.clock.advance(2_000);
    await world.stop();
    expect(world.world.services).toBe(0);
    expect(world.clients()).toEqual(['original']);
    expect(world.events.at(-1)?.type).toBe('stopped');
  });

  test('stands down, loudly, when a driver has seen a newer leader', async () => {
    await world.start();
    await world.clock.advance(2_000);
    const because = { code: 'test', params: {} };
    const epoch = (world.world.clients.get('registry')?.epoch ?? 0) + 10;
    world.world.clients.set('registry', { members: ['standby'], ttlMs: 1, epoch, because });
    await until(() => world.watcher?.status().endpoints[0]?.stoodDownSince !== undefined, 10_000);
    world.world.health.set('standby', 'down');
    await world.clock.advance(10_000);
    expect(world.clients()).toEqual(['standby']);
    expect(world.watcher?.status().endpoints[0]?.now.code).toBe('watch/stood-down');
  });

  test('stays static when the controller loses sight of everybody', async () => {
    await world.start();
    await world.clock.advance(2_000);
    world.world.health.set('original', 'down').set('standby', 'down');
    await world.clock.advance(60_000);
    expect(world.clients()).toEqual(['original']);
    expect(world.watcher?.status().endpoints[0]).toMatchObject({
      now: { code: 'watch/all-down' },
      allDownSince: expect.any(Number),
    });
  });

  test('freezes an endpoint whose stored state cannot be read, and watches the others', async () => {
    world = new WatchWorld(folder, [testEndpoint(), testEndpoint({ name: 'files' })]);
    const { fileStateStore, stateFile, watchFolder } = await import('./state.ts');
    const { mkdir, writeFile } = await import('node:fs/promises');
    await mkdir(watchFolder(folder), { recursive: true });
    await writeFile(stateFile(folder, 'registry'), '{"version":1,"endp');
    const files = fileStateStore(folder);
    await world.start({ store: { load: files.load, save: (stored) => world.store.save(stored) } });
    const [registry] = world.watcher?.status().endpoints ?? [];
    expect(registry).toMatchObject({
      now: { code: 'watch/broken-state' },
      frozen: { code: 'watch/state-corrupt' },
    });
    await until(() => world.clients('files').join() === 'original', 2_000);
    expect(world.clients('registry')).toEqual([]);
    await expect(world.watcher?.command('registry', { verb: 'release' }, 'li')).rejects.toMatchObject({
      code: 'watch/frozen',
    });
  });

  test('refuses to start where nothing says that a member is well', async () => {
    const site = { ...world.site, stacks: new Map() };
    const endpoint = testEndpoint({ probes: [] });
    await expect(world.start({ site, endpoints: [endpoint] })).rejects.toMatchObject({
      code: 'watch/no-probes',
    });
    expect(world.world.services).toBe(0);
  });

  test('asks with the probes of the stack where the endpoint names none', async () => {
    world = new WatchWorld(folder, [testEndpoint({ probes: [] })]);
    await world.start();
    await until(() => world.clients().join() === 'original', 2_000);
  });
});

describe('publishing', () => {
  test('is tried again until it works', async () => {
    await world.start();
    world.world.publish = 'fails';
    await world.clock.advance(5_000);
    expect(world.clients()).toEqual([]);
    expect(world.watcher?.status().endpoints[0]?.trouble?.code).toBe('memory/publish');
    expect(eventsOf('publish-failed').length).toBeGreaterThan(2);
    world.world.publish = 'works';
    await until(() => world.clients().join() === 'original', 20_000);
    expect(world.watcher?.status().endpoints[0]?.trouble).toBeUndefined();
  });

  test('gives up an answer that is superseded, even one that hangs', async () => {
    await world.start();
    await world.clock.advance(2_000);
    world.world.publish = 'hangs';
    world.world.health.set('original', 'down');
    await world.clock.advance(3_000);
    expect(world.clients()).toEqual(['original']);
    world.world.publish = 'works';
    world.world.health.set('standby', 'down').delete('original');
    await world.clock.advance(5_000);
    expect(world.clients()).toEqual(['original']);
    expect(world.world.published.map(({ answer }) => answer.members.join())).toEqual([
      'original',
      'original',
    ]);
  });

  test('happens only after the state is on disk', async () => {
    const order: string[] = [];
    const { save } = world.store;
    world.store.save = async (stored) => {
      await world.clock.sleep(300);
      await save.call(world.store, stored);
      order.push(`saved ${stored.epoch}`);
    };
    await world.start();
    world.watcher?.subscribe((event) => {
      if (event.type === 'published') order.push(`published ${event.answer.epoch}`);
    });
    await world.clock.advance(3_000);
    const published = order.findIndex((line) => line.startsWith('published'));
    expect(published).toBeGreaterThan(0);
    expect(order.slice(0, published)).toContain(order[published]?.replace('published', 'saved'));
  });

  test('is not stopped by a full disk', async () => {
    await world.start();
    await world.clock.advance(2_000);
    world.store.broken = true;
    world.world.health.set('original', 'down');
    await until(() => world.clients().join() === 'standby', 3_000);
    expect(world.watcher?.status().endpoints[0]?.unsavedSince).toBeTypeOf('number');
  });

  test('mends drift once in a hold-down and then only says so', async () => {
    await world.start();
    await world.clock.advance(20_000);
    const before = world.world.published.length;
    world.world.meddling.set('registry', ['standby']);
    await until(() => world.clients().join() === 'original', 6_000);
    world.world.meddling.set('registry', ['standby']);
    await world.clock.advance(6_000);
    expect(world.clients()).toEqual(['standby']);
    expect(world.world.published.length).toBe(before + 1);
    await until(() => world.clients().join() === 'original', 10_000);
    const sentences = eventsOf('standing').map((event) => event.because.code);
    expect(sentences).toContain('watch/drift');
    expect(sentences).toContain('watch/drift-again');
  });
});

describe('commands', () => {
  test('are answered when clients get what was asked for', async () => {
    await world.start();
    await world.clock.advance(2_000);
    const answer = world.watcher?.command(
      undefined,
      { verb: 'switch', to: 'standby', acceptLoss: false },
      'li',
    );
    await world.clock.advance(100);
    expect(await answer).toMatchObject({ outcome: 'done', published: { changed: true } });
    expect(world.clients()).toEqual(['standby']);
  });

  test('are refused with what the stack finds lacking', async () => {
    await world.start();
    await world.clock.advance(2_000);
    world.world.lacking.add('standby');
    const answer = world.watcher?.command(
      undefined,
      { verb: 'switch', to: 'standby', acceptLoss: false },
      'li',
    );
    await world.clock.advance(100);
    expect(await answer).toMatchObject({ outcome: 'refused', because: { code: 'watch/refused-parity' } });
    expect(world.clients()).toEqual(['original']);
  });

  test('say that it is decided but not published where the driver fails', async () => {
    await world.start();
    await world.clock.advance(2_000);
    world.world.publish = 'fails';
    const answer = world.watcher?.command(undefined, { verb: 'force', members: ['standby'] }, 'li');
    await world.clock.advance(15_000);
    expect(await answer).toMatchObject({ outcome: 'done', trouble: { code: 'memory/publish' } });
  });

  test('never call an answer done that the driver has not confirmed, also where nothing has failed yet', async () => {
    await world.start();
    await world.clock.advance(2_000);
    world.world.publish = 'hangs';
    const force = { verb: 'force', members: ['standby'] } as const;
    const first = world.watcher?.command(undefined, force, 'li');
    await world.clock.advance(15_000);
    expect(await first).toMatchObject({ outcome: 'done', trouble: { code: 'watch/still-publishing' } });

    world.world.publish = 'fails';
    await world.clock.advance(30_000);
    const again = world.watcher?.command(undefined, force, 'li');
    await world.clock.advance(15_000);
    expect(await again).toMatchObject({ trouble: { code: 'memory/publish' } });

    world.world.publish = 'works';
    await until(() => world.clients().join() === 'standby', 40_000);
    const last = await world.watcher?.command(undefined, force, 'li');
    expect(last?.trouble).toBeUndefined();
  });

  test('that wait are refused when the watcher stops', async () => {
    const parity = world.options().probeKinds.get('memory-parity');
    parity.run = (ctx) => ctx.clock.sleep(1e9, ctx.signal) as never;
    const probeKinds = {
      ...world.options().probeKinds,
      get: (name: string) => (name === 'memory-parity' ? parity : world.options().probeKinds.get(name)),
    };
    await world.start({ probeKinds: probeKinds as never });
    await world.clock.advance(2_000);
    const answer = world.watcher?.command(
      undefined,
      { verb: 'switch', to: 'standby', acceptLoss: false },
      'li',
    );
    await world.clock.advance(1_000);
    await world.stop();
    expect(await answer).toMatchObject({ outcome: 'refused', because: { code: 'watch/stopping' } });
  });

  test('need a name where the site has several endpoints, and get the nearest one as a hint', async () => {
    world = new WatchWorld(folder, [
      testEndpoint(),
      testEndpoint({ name: 'files', members: testMembers('a') }),
    ]);
    await world.start();
    await expect(world.watcher?.command(undefined, { verb: 'release' }, 'li')).rejects.toMatchObject({
      code: 'watch/no-endpoint',
    });
    await expect(world.watcher?.command('registri', { verb: 'release' }, 'li')).rejects.toMatchObject({
      hint: "Did you mean 'registry'?",
    });
  });
});

describe('without automatism', () => {
  test('only the command acts, after every member has been judged', async () => {
    await world.start();
    await world.clock.advance(2_000);
    await world.stop();
    world.world.health.set('original', 'down');
    await world.start({ automatic: false });
    const judged = world.watcher?.judged(new AbortController().signal);
    await world.clock.advance(10_000);
    await judged;
    expect(world.world.services).toBe(0);
    expect(world.clients()).toEqual(['original']);
    const answer = world.watcher?.command(
      undefined,
      { verb: 'switch', to: 'standby', acceptLoss: false },
      'li',
    );
    await world.clock.advance(100);
    expect(await answer).toMatchObject({ outcome: 'done' });
    expect(world.clients()).toEqual(['standby']);
  });
});
