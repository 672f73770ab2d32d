/** The lock's scripts in a real shell, against a real file system. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SystemClock } from '../base/clock.ts';
import type { HostPool } from '../hosts/host.ts';
import { controllerSpec, openLocal } from '../hosts/local.ts';
import type { HostSpec } from '../site/model.ts';
import { type HostLocks, hostLocks, type LockRecord } from './lock.ts';

const clock = new SystemClock();
const never = new AbortController().signal;
let folder: string;
let files: [string, string];
let locks: HostLocks;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-lock-'));
  files = [join(folder, 'lib it', 'lock'), join(folder, 'second.lock')];
  locks = locksOver(files);
});
afterEach(() => rm(folder, { recursive: true }));

function locksOver(over: readonly string[]): HostLocks {
  const connection = openLocal({ ...controllerSpec('me'), name: 'here' }, { clock, env: process.env });
  const pool: HostPool = {
    connect: async () => connection,
    controller: () => connection,
    async [Symbol.asyncDispose]() {},
  };
  return hostLocks(pool, { hosts: new Map([['here', { sudo: 'none' } as HostSpec]]) }, over);
}

function record(run: string): LockRecord {
  return {
    run,
    by: { user: "anna o'brien", host: 'ctl', pid: 1 },
    since: 1_700_000_000_000,
    process: { machine: 'ctl', pid: 1 },
    runs: '/state',
  };
}

async function take(run: string, over: HostLocks = locks) {
  return over.take('here', record(run), never);
}

test('a lock is taken whole, seen by everybody, and given back without a trace', async () => {
  expect(await locks.look('here', never)).toBeUndefined();
  const answer = await take('r1');
  if (!('taken' in answer)) throw new Error('not taken');
  expect(JSON.parse(await readFile(files[0], 'utf8'))).toEqual(record('r1'));
  expect(await locks.look('here', never)).toEqual({
    host: 'here',
    file: files[0],
    text: JSON.stringify(record('r1')),
    record: record('r1'),
  });
  expect(await locks.release(answer.taken, never)).toBe(true);
  expect(await locks.look('here', never)).toBeUndefined();
  expect(await readdir(join(folder, 'lib it'))).toEqual([]);
});

test('a second one is told who holds it, and leaves the lock as it is', async () => {
  await take('r1');
  const second = await take('r2');
  expect(second).toMatchObject({ held: { record: { run: 'r1', by: { user: "anna o'brien" } } } });
  expect(await readdir(join(folder, 'lib it'))).toEqual(['lock']);
});

test('of many at the same time exactly one gets it', async () => {
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => take(`r${n}`)));
    const taken = answers.flatMap((answer) => ('taken' in answer ? [answer.taken] : []));
    expect(taken).toHaveLength(1);
    expect(await locks.release(taken[0]!, never)).toBe(true);
  }
});

test('only the lock that was seen is removed, never one that somebody took meanwhile', async () => {
  const first = await take('r1');
  if (!('taken' in first)) throw new Error('not taken');
  await rm(files[0]);
  await take('r2');
  expect(await locks.release(first.taken, never)).toBe(false);
  expect(await locks.look('here', never)).toMatchObject({ record: { run: 'r2' } });
});

test('where the first place cannot be written the second is used, and both are looked at', async () => {
  const blocked = join(folder, 'file');
  await writeFile(blocked, '');
  const second = locksOver([join(blocked, 'lock'), files[1]]);
  expect(await take('r1', second)).toMatchObject({ taken: { file: files[1] } });
  // Somebody with more rights, to whom the first place is open, finds the lock in the second.
  expect(await take('r2', locks)).toMatchObject({ held: { file: files[1], record: { run: 'r1' } } });
});

test('where no place can be written it is an error that says what would help', async () => {
  const blocked = join(folder, 'file');
  await writeFile(blocked, '');
  await expect(take('r1', locksOver([join(blocked, 'lock')]))).rejects.toMatchObject({
    code: 'engine/lock-impossible',
    where: { host: 'here' },
    hint: expect.stringContaining('--lock-file'),
  });
});

test('rubbish in the place of a lock counts as a lock that nobody understands, and can be removed on purpose', async () => {
  await mkdir(join(folder, 'lib it'));
  for (const text of ['', 'rubbish\nin lines\n', '{"run":1}']) {
    await writeFile(files[0], text);
    const { held } = (await take('r1')) as { held: NonNullable<Awaited<ReturnType<HostLocks['look']>>> };
    expect(held.record).toBeUndefined();
    expect(await locks.release(held, never)).toBe(true);
    expect(await locks.look('here', never)).toBeUndefined();
  }
});

test('a link that points nowhere in the place of a lock is a lock, not a way to write elsewhere', async () => {
  await mkdir(join(folder, 'lib it'));
  await symlink(join(folder, 'target'), files[0]);
  expect(await take('r1')).toHaveProperty('held');
  expect(await readdir(folder)).not.toContain('target');
});

test('a release that another is just doing waits for it, and then finds the lock gone or its own', async () => {
  const first = await take('r1');
  if (!('taken' in first)) throw new Error('not taken');
  const results = await Promise.all([
    locks.release(first.taken, never),
    locks.release(first.taken, never),
    locks.release(first.taken, never),
  ]);
  expect(results.filter(Boolean)).toHaveLength(1);
  expect(await locks.look('here', never)).toBeUndefined();
});
