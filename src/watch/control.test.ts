import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../test/until.ts';
import { testEndpoint } from '../../test/watch-scenario.ts';
import { WatchWorld } from '../../test/watch-world.ts';
import { SystemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { serveControl } from './control.ts';
import { linkToWatcher } from './control-client.ts';
import { controlSocket } from './control-path.ts';
import { LONGEST_REQUEST_BYTES } from './control-protocol.ts';
import { elect } from './elect.ts';
import { carryOut } from './one-shot.ts';
import { fileStateStore } from './state.ts';
import { storedStatus } from './stored-status.ts';
import type { WatchEvent } from './watch-event.ts';
import { startWatcher, type Watcher } from './watcher.ts';
import type { WatcherOptions } from './watcher-options.ts';

const clock = new SystemClock();
const o = { clock, signal: new AbortController().signal };
const quick = { intervalMs: 20, timeoutMs: 200, holdDownMs: 0 };
let folder: string;
let world: WatchWorld;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-control-'));
  world = new WatchWorld(folder, [testEndpoint(quick)]);
});
afterEach(() => rm(folder, { recursive: true }));

/** Real time, real files and the real lease; only the driver and the probes are in memory. */
function options(over: Partial<WatcherOptions> = {}): WatcherOptions {
  const { lease: _lease, store: _store, ...rest } = world.options();
  return { ...rest, clock, ...over };
}

/** A watcher that listens, until disposed. */
async function listening(stateDir = folder): Promise<AsyncDisposable & { watcher: Watcher }> {
  const watcher = await startWatcher(options({ stateDir }));
  const control = await serveControl({ watcher, stateDir, log: silentLogger });
  return {
    watcher,
    async [Symbol.asyncDispose]() {
      await control[Symbol.asyncDispose]();
      await watcher[Symbol.asyncDispose]();
    },
  };
}

/** Sends bytes and gives what came back until the other side hung up. */
function raw(path: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = connect(path, () => socket.write(bytes));
    socket.on('data', (chunk) => {
      got += chunk.toString();
    });
    socket.on('close', () => resolve(got));
    socket.on('error', reject);
  });
}

describe('the control socket', () => {
  test('gives the status, carries out commands and tells events', async () => {
    await using running = await listening();
    await until(() => world.clients().join() === 'original');
    await using link = (await linkToWatcher(folder, o)) ?? expect.unreachable();
    const events: WatchEvent[] = [];
    await using second = (await linkToWatcher(folder, o)) ?? expect.unreachable();
    const hearing = second.events((event) => events.push(event));
    expect(await link.status()).toMatchObject({
      site: 'test',
      watcher: { pid: 1, listening: ['memory'] },
      endpoints: [{ name: 'registry', answer: running.watcher.status().endpoints[0]?.answer }],
    });
    await until(() => events.some((event) => event.type === 'started'));
    const outcome = await link.command('registry', { verb: 'switch', to: 'standby', acceptLoss: true }, 'li');
    expect(outcome).toMatchObject({ outcome: 'done', published: { changed: true } });
    expect(world.clients()).toEqual(['standby']);
    await until(() => events.some((event) => event.type === 'published'));
    await second[Symbol.asyncDispose]();
    await hearing;
  });

  test('is for its owner only', async () => {
    await using _running = await listening();
    expect((await stat(controlSocket(folder))).mode & 0o777).toBe(0o600);
  });

  test('passes on what the watcher refuses by error', async () => {
    await using _running = await listening();
    await using link = (await linkToWatcher(folder, o)) ?? expect.unreachable();
    await expect(link.command('registri', { verb: 'release' }, 'li')).rejects.toMatchObject({
      code: 'watch/no-endpoint',
      hint: "Did you mean 'registry'?",
    });
  });

  test.each([
    ['rubbish', 'GET / HTTP/1.1\r\n\r\n'],
    ['an unknown verb', '{"do":"command","id":1,"by":"li","command":{"verb":"explode"}}\n'],
    ['a line without an end', 'x'.repeat(LONGEST_REQUEST_BYTES + 1)],
  ])('hangs up on %s and says why', async (_what, bytes) => {
    await using _running = await listening();
    const got = await raw(controlSocket(folder), bytes);
    expect(JSON.parse(got)).toMatchObject({ id: 0, error: { code: 'watch/control-refused' } });
    await using link = (await linkToWatcher(folder, o)) ?? expect.unreachable();
    expect((await link.status()).site).toBe('test');
  });

  test('works where the path of the state folder is longer than a socket address', async () => {
    const deep = join(folder, 'a'.repeat(100), 'b'.repeat(100));
    await mkdir(deep, { recursive: true });
    await using _running = await listening(deep);
    await using link = (await linkToWatcher(deep, o)) ?? expect.unreachable();
    expect((await link.status()).watcher?.pid).toBe(1);
  });

  test('replaces the socket that a killed watcher left', async () => {
    await writeFile(controlSocket(folder), '');
    await using _running = await listening();
    await using link = (await linkToWatcher(folder, o)) ?? expect.unreachable();
    expect((await link.status()).endpoints).toHaveLength(1);
  });

  test('is gone when the watcher has stopped', async () => {
    const running = await listening();
    await running[Symbol.asyncDispose]();
    expect(await linkToWatcher(folder, o)).toBeUndefined();
  });
});

describe('a second watcher', () => {
  test('is refused and told who watches', async () => {
    await using _running = await listening();
    await expect(startWatcher(options({ holder: 'another' }))).rejects.toMatchObject({
      code: 'watch/already-running',
      message: expect.stringContaining('test (pid'),
    });
    expect(world.world.services).toBe(1);
  });
});

describe('a watcher that starts while a command decides by itself', () => {
  test('begins when the command is done', async () => {
    const lease = await elect(folder, 'a command', clock);
    const starting = startWatcher(options());
    await expect(
      Promise.race([starting.then(() => 'started'), clock.sleep(200).then(() => 'waits')]),
    ).resolves.toBe('waits');
    await lease[Symbol.asyncDispose]();
    await using _watcher = await starting;
    expect(world.world.services).toBe(1);
  });
});

describe('a command', () => {
  test('goes through the watcher that runs', async () => {
    await using _running = await listening();
    await until(() => world.clients().join() === 'original');
    const carried = await carryOut(options(), undefined, { verb: 'force', members: ['standby'] }, 'li');
    expect(carried).toMatchObject({ through: 'watcher', outcome: { outcome: 'done' } });
    expect(world.clients()).toEqual(['standby']);
  });

  test('is carried out by itself where none runs, and the next watcher goes on from there', async () => {
    const command = { verb: 'switch', to: 'standby', acceptLoss: false } as const;
    const carried = await carryOut(options(), undefined, command, 'li');
    expect(carried).toMatchObject({ through: 'one-shot', outcome: { outcome: 'done' } });
    expect(world.clients()).toEqual(['standby']);
    expect(world.world.services).toBe(0);
    world.world.clients.clear();
    await using running = await listening();
    await until(() => world.clients().join() === 'standby');
    expect(running.watcher.status().endpoints[0]?.history[0]).toMatchObject({ kind: 'switchover' });
  });

  test('by itself is refused to a member whose probes fail', async () => {
    world.world.health.set('standby', 'down');
    const command = { verb: 'switch', to: 'standby', acceptLoss: true } as const;
    const { outcome } = await carryOut(options(), undefined, command, 'li');
    expect(outcome).toMatchObject({ outcome: 'refused', because: { code: 'watch/refused-down' } });
    expect(world.clients()).toEqual([]);
  });

  test('says so where somebody holds the folder but does not listen', async () => {
    await using _lease = await elect(folder, 'a silent one', clock);
    await expect(carryOut(options(), undefined, { verb: 'release' }, 'li')).rejects.toMatchObject({
      code: 'watch/control-silent',
      message: expect.stringContaining('a silent one'),
    });
  });
});

describe('the status without a watcher', () => {
  test('is what the last one left', async () => {
    const running = await listening();
    await until(() => world.clients().join() === 'original');
    await running[Symbol.asyncDispose]();
    const { drivers, stacks } = options();
    const store = fileStateStore(folder);
    const status = await storedStatus({ site: world.site, drivers, stacks, store, clock });
    expect(status.watcher).toBeUndefined();
    expect(status.endpoints[0]).toMatchObject({
      answer: { members: ['original'], epoch: world.world.clients.get('registry')?.epoch },
      members: [{ name: 'original', active: true, status: 'up' }, { name: 'standby' }],
    });
  });
});
