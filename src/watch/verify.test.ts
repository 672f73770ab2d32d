import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { memoryProbe, memoryStack } from '../../test/memory-driver.ts';
import { testEndpoint } from '../../test/watch-scenario.ts';
import { WatchWorld } from '../../test/watch-world.ts';
import { registry } from '../base/registry.ts';
import type { ProbeKind } from '../probes/probe.ts';
import type { Stack } from '../stacks/stack.ts';
import { type VerifyLine, verify, verifyMove } from './verify.ts';

let folder: string;
let world: WatchWorld;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-verify-'));
  world = new WatchWorld(folder);
});
afterEach(() => rm(folder, { recursive: true }));

async function lines(): Promise<readonly VerifyLine[]> {
  const endpoints = [...world.site.endpoints.values()];
  return verify({ ...world.options(), ...withTrial(), endpoints, store: world.store });
}
const of = (all: readonly VerifyLine[], ...checks: VerifyLine['check'][]) =>
  all.filter(({ check }) => checks.includes(check));

/** The stack with one trial, whose evidence tells the address that was asked. */
function withTrial() {
  const pull: ProbeKind<unknown> = {
    ...memoryProbe(world.world),
    kind: 'memory-pull',
    async run(ctx, args) {
      const result = await memoryProbe(world.world).run(ctx, args as object);
      return { ...result, got: ctx.target.address };
    },
  };
  const stack = { ...memoryStack(), trials: () => [{ name: 'pull', kind: pull.kind, args: {} }] };
  return {
    stacks: registry('stack', [stack], ({ name }) => name),
    probeKinds: registry<ProbeKind<never>>(
      'probe kind',
      [...world.options().probeKinds, pull] as ProbeKind<never>[],
      ({ kind }) => kind,
    ),
  };
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
  expect(of(await lines(), 'probe', 'clients')).toMatchObject([
    { check: 'probe', member: 'original', probe: 'tcp', ok: true, result: { asked: 'ask original' } },
    { check: 'probe', member: 'standby', probe: 'tcp', ok: true },
    { check: 'clients', ok: true, observed: { members: ['original'] } },
  ]);
  // Two probes, two trials of members, one through the name.
  expect(world.world.probes - before).toBe(5);
});

test('what members serve is tried at each address, and by the name at the address that clients get', async () => {
  await watched();
  expect(of(await lines(), 'trial', 'through')).toMatchObject([
    { check: 'trial', member: 'original', probe: 'pull', ok: true, result: { got: '10.0.0.1' } },
    { check: 'trial', member: 'standby', probe: 'pull', ok: true, result: { got: '10.0.0.2' } },
    { check: 'through', member: 'registry.example.com', probe: 'pull', result: { got: '10.0.0.1' } },
  ]);
  world.world.meddling.set('registry', ['standby']);
  expect(of(await lines(), 'through')).toMatchObject([{ result: { got: '10.0.0.2' } }]);
  world.world.health.set('registry.example.com', 'down');
  expect(of(await lines(), 'trial', 'through').map(({ ok }) => ok)).toEqual([true, true, false]);
});

test('an endpoint with an address of its own is tried at that address', async () => {
  world = new WatchWorld(folder, [testEndpoint({ addresses: ['10.0.0.100'] })]);
  await watched();
  expect(of(await lines(), 'through')).toMatchObject([{ result: { got: '10.0.0.100' } }]);
});

test('members are held against the active one and it against them, each lack in a line of its own', async () => {
  await watched();
  expect(of(await lines(), 'parity')).toMatchObject([
    { member: 'standby', probe: 'parity', ok: true },
    { member: 'original', probe: 'parity', ok: true },
  ]);
  world.world.lacking.add('original');
  expect(of(await lines(), 'parity').map(({ ok }) => ok)).toEqual([true, false]);
});

test('a member that is down, or a prober that cannot tell, is not ok', async () => {
  await watched();
  world.world.health.set('standby', 'down');
  const verdicts = async () => of(await lines(), 'probe', 'clients').map((line) => line.ok);
  expect(await verdicts()).toEqual([true, false, true]);
  world.world.health.set('standby', 'unknown');
  expect(await verdicts()).toEqual([true, false, true]);
});

test('of a member that is down nothing more is asked: what it serves, and whether it holds the same', async () => {
  await watched();
  world.world.health.set('standby', 'down');
  const all = await lines();
  expect(of(all, 'trial').map((line) => 'member' in line && line.member)).toEqual(['original']);
  expect(of(all, 'parity')).toEqual([]);
});

test('what a stack says of every host is a line each, told whom clients get', async () => {
  await watched();
  const hostChecks: Stack<unknown>['hostChecks'] = (_site, _stack, _facts, active) =>
    ['one', 'two'].map((host) => ({
      host,
      check: 'name',
      ok: host === 'one',
      asked: 'who it is',
      got: active.map(({ name }) => name).join(),
      expected: 'original',
      because: { code: 'x', params: {} },
      warnings: [],
    }));
  const stacks = registry('stack', [{ ...memoryStack(), hostChecks }], ({ name }) => name);
  const endpoints = [...world.site.endpoints.values()];
  const all = await verify({ ...world.options(), stacks, endpoints, store: world.store });
  expect(of(all, 'host')).toMatchObject([
    { check: 'host', member: 'one', probe: 'name', ok: true, result: { status: 'up', got: 'original' } },
    { check: 'host', member: 'two', probe: 'name', ok: false, result: { status: 'down' } },
  ]);
});

test('clients that get something other than the answer that stands are not ok', async () => {
  await watched();
  world.world.meddling.set('registry', ['standby']);
  expect(of(await lines(), 'clients')[0]).toMatchObject({
    ok: false,
    because: { code: 'watch/drift-members' },
  });
});

test('a driver that cannot be asked is not ok and says why, and the rest is verified', async () => {
  await watched();
  world.world.observe = 'fails';
  expect(of(await lines(), 'clients')[0]).toMatchObject({ ok: false, error: { code: 'memory/observe' } });
  const all = await lines();
  expect(of(all, 'probe').map((line) => line.ok)).toEqual([true, true]);
  // The clients' line says why nothing was tried through the name.
  expect(of(all, 'through')).toEqual([]);
});

test('before anything was decided, clients that get no member are not ok', async () => {
  expect(of(await lines(), 'clients')[0]).toMatchObject({
    ok: false,
    because: { code: 'watch/clients-get-nothing' },
  });
});

test('after a move only what clients get and who answers are asked, and each line is told as it comes', async () => {
  await watched();
  const [endpoint = testEndpoint()] = world.site.endpoints.values();
  const told: VerifyLine[] = [];
  const onLine = (line: VerifyLine) => told.push(line);
  const o = { ...world.options(), ...withTrial(), store: world.store, onLine };
  const found = await verifyMove(o, endpoint, ['original']);
  expect(found.map((line) => [line.check, 'result' in line ? line.member : ''])).toEqual([
    ['probe', 'original'],
    ['clients', ''],
    ['trial', 'original'],
    ['through', 'registry.example.com'],
  ]);
  expect(new Set(told)).toEqual(new Set(found));
});

test('after a move a member has some seconds to become well, and no more', async () => {
  await watched();
  const [endpoint = testEndpoint()] = world.site.endpoints.values();
  const moved = () => verifyMove({ ...world.options(), store: world.store }, endpoint, ['original']);
  world.world.health.set('original', 'down');
  const late = moved();
  await world.clock.advance(2_000);
  world.world.health.set('original', 'up');
  await world.clock.advance(1_000);
  expect((await late).every(({ ok }) => ok)).toBe(true);
  world.world.health.set('original', 'down');
  const never = moved();
  await world.clock.advance(6_000);
  expect((await never).filter(({ ok }) => !ok)).toMatchObject([{ check: 'probe', member: 'original' }]);
});
