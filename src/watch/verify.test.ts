import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WatchWorld } from '../../test/watch-world.ts';
import { type VerifyLine, verify } from './verify.ts';

let folder: string;
let world: WatchWorld;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-verify-'));
  world = new WatchWorld(folder);
});
afterEach(() => rm(folder, { recursive: true }));

async function lines(): Promise<readonly VerifyLine[]> {
  const endpoints = [...world.site.endpoints.values()];
  return verify({ ...world.options(), endpoints, store: world.store });
}

/** Lets a watcher decide, publish and stop. */
async function watched(): Promise<void> {
  await world.start();
  await world.clock.advance(2_000);
  await world.stop();
}

test('every probe is asked once, with its evidence, and so is what clients get', async () => {
  await watched();
  const before = world.world.probes;
  expect(await lines()).toMatchObject([
    { check: 'probe', member: 'original', probe: 'tcp', ok: true, result: { asked: 'ask original' } },
    { check: 'probe', member: 'standby', probe: 'tcp', ok: true },
    { check: 'clients', ok: true, observed: { members: ['original'] } },
  ]);
  expect(world.world.probes - before).toBe(2);
});

test('a member that is down, or a prober that cannot tell, is not ok', async () => {
  await watched();
  world.world.health.set('standby', 'down');
  expect((await lines()).map((line) => line.ok)).toEqual([true, false, true]);
  world.world.health.set('standby', 'unknown');
  expect((await lines()).map((line) => line.ok)).toEqual([true, false, true]);
});

test('clients that get something other than the answer that stands are not ok', async () => {
  await watched();
  world.world.meddling.set('registry', ['standby']);
  expect((await lines()).at(-1)).toMatchObject({ ok: false, because: { code: 'watch/drift-members' } });
});

test('a driver that cannot be asked is not ok and says why, and the rest is verified', async () => {
  await watched();
  world.world.observe = 'fails';
  expect((await lines()).at(-1)).toMatchObject({ ok: false, error: { code: 'memory/observe' } });
  expect((await lines()).map((line) => line.ok)).toEqual([true, true, false]);
});

test('before anything was decided, clients that get no member are not ok', async () => {
  expect((await lines()).at(-1)).toMatchObject({ ok: false, because: { code: 'watch/clients-get-nothing' } });
});
