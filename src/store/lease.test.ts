import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SystemClock } from '../base/clock.ts';
import { acquireLease, readLease } from './lease.ts';
import { livenessOf, ownIdentity } from './process-identity.ts';
import { StoreError } from './store-error.ts';

const clock = new SystemClock();
let folder: string;
let path: string;
let children: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-lease-'));
  path = join(folder, 'watch.lease');
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** A process that takes the lease, says `held` or the error's code, and stays until it is told to leave or killed. */
async function contender(name: string): Promise<{ child: ChildProcess; said: string }> {
  const program = `
    const { acquireLease } = await import('${join(import.meta.dirname, 'lease.ts')}');
    const { SystemClock } = await import('${join(import.meta.dirname, '../base/clock.ts')}');
    try {
      const lease = await acquireLease(process.argv[1], process.argv[2], { clock: new SystemClock() });
      process.stdin.on('data', async () => { await lease[Symbol.asyncDispose](); process.exit(0); });
      process.stdout.write('held\\n');
    } catch (error) { process.stdout.write((error.code ?? String(error)) + '\\n'); }
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, path, name], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, said: chunk.toString().trim() };
}

async function killAndReap(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('a second holder is refused and told who holds the lease and since when', async () => {
  await using lease = await acquireLease(path, 'watch by anna', { clock });
  const failure = await acquireLease(path, 'watch by ben', { clock }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StoreError);
  const error = failure as StoreError;
  expect(error.code).toBe('store/held');
  expect(error.message).toContain('watch by anna');
  expect(error.message).toContain(new Date(lease.since).toISOString());
  expect(error.hint).toContain(String(process.pid));
});

test('a released lease leaves nothing behind and can be taken again', async () => {
  {
    await using _ = await acquireLease(path, 'first', { clock });
    expect(await readLease(path)).toMatchObject({ holder: 'first', liveness: 'alive', pid: process.pid });
  }
  expect(await readdir(folder)).toEqual([]);
  await using _ = await acquireLease(path, 'second', { clock });
  expect(await readLease(path)).toMatchObject({ holder: 'second' });
});

test('a lease whose holder was killed with SIGKILL is taken over at once', async () => {
  const first = await contender('doomed');
  expect(first.said).toBe('held');
  await expect(acquireLease(path, 'me', { clock })).rejects.toMatchObject({ code: 'store/held' });
  await killAndReap(first.child);
  expect(await readLease(path)).toMatchObject({ holder: 'doomed', liveness: 'dead' });
  await using _ = await acquireLease(path, 'me', { clock });
  expect(await readLease(path)).toMatchObject({ holder: 'me', liveness: 'alive' });
  expect(await readdir(folder)).toEqual(['watch.lease']);
});

test('of many who find the same dead lease exactly one takes it over', async () => {
  const doomed = await contender('doomed');
  await killAndReap(doomed.child);
  for (let round = 0; round < 3; round++) {
    const all = await Promise.all(Array.from({ length: 6 }, (_, n) => contender(`c${n}`)));
    expect(all.map(({ said }) => said).sort()).toEqual(['held', ...Array(5).fill('store/held')]);
    for (const { child, said } of all) if (said === 'held') await killAndReap(child);
  }
});

test('many in one process that find the same dead lease: exactly one takes it over, in every interleaving tried', async () => {
  const dead = { ...ownIdentity(), startTicks: '1' };
  for (let round = 0; round < 40; round++) {
    await writeFile(
      path,
      JSON.stringify({ token: crypto.randomUUID(), holder: 'dead', since: 0, process: dead }),
    );
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => acquireLease(path, `c${n}`, { clock })),
    );
    const won = results.filter((result) => result.status === 'fulfilled');
    expect(won).toHaveLength(1);
    await won[0]!.value[Symbol.asyncDispose]();
    expect(await readdir(folder)).toEqual([]);
  }
});

test('a process that was killed while it took over a dead lease does not block the next', async () => {
  const dead = { ...ownIdentity(), startTicks: '1' };
  const token = crypto.randomUUID();
  const entry = (t: string) => JSON.stringify({ token: t, holder: 'dead', since: 0, process: dead });
  await writeFile(path, entry(token));
  await writeFile(`${path}.${token}`, entry(crypto.randomUUID()));
  await using _ = await acquireLease(path, 'me', { clock });
  expect(await readdir(folder)).toEqual(['watch.lease']);
});

test('a lease that another took after it was removed by hand is not released by the first holder', async () => {
  const first = await acquireLease(path, 'first', { clock });
  await rm(path);
  await using _ = await acquireLease(path, 'second', { clock });
  await first[Symbol.asyncDispose]();
  expect(await readLease(path)).toMatchObject({ holder: 'second' });
});

test('rubbish in the place of a lease is an error that says what to do, never a free lease', async () => {
  await writeFile(path, 'not ours');
  const error = (await acquireLease(path, 'me', { clock }).catch((e: unknown) => e)) as StoreError;
  expect(error.code).toBe('store/lease-unreadable');
  expect(error.hint).toContain(path);
  expect(await readFile(path, 'utf8')).toBe('not ours');
});

test('a pid used again by another process does not keep a lease alive', () => {
  const self = ownIdentity();
  expect(livenessOf(self)).toBe('alive');
  expect(livenessOf({ ...self, startTicks: '1' })).toBe('dead');
  expect(livenessOf({ ...self, bootId: 'an-earlier-boot' })).toBe('dead');
});

test('a holder in another container or on another machine is never taken for dead', () => {
  const self = ownIdentity();
  expect(livenessOf({ ...self, pidNamespace: 'pid:[1]' })).toBe('elsewhere');
  expect(livenessOf({ ...self, machine: 'other', machineId: 'x', bootId: 'y' })).toBe('elsewhere');
  expect(livenessOf({ ...self, machine: 'renamed' })).toBe('alive');
});
