import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SimClock } from '../../test/sim-clock.ts';
import { Secret } from '../base/secret.ts';
import { fileRunStore } from './files.ts';
import { KnownSecrets } from './known-secrets.ts';
import type { RunStore } from './store.ts';

let stateDir: string;
let store: RunStore;
let secrets: KnownSecrets;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'holdfast-runs-'));
  secrets = new KnownSecrets();
  store = fileRunStore({ stateDir, clock: new SimClock(), secrets });
});
afterEach(() => rm(stateDir, { recursive: true }));

test('a run is a folder of its own that only its owner can read', async () => {
  await using journal = await store.create('20260101-000000-aa', { plan: 1 });
  await journal.append({ type: 'step-applied', step: 'a' });
  const folder = join(stateDir, 'runs', '20260101-000000-aa');
  expect((await readdir(folder)).sort()).toEqual(['journal.jsonl', 'lease', 'plan.json']);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, 'plan.json'))).mode & 0o777).toBe(0o600);
});

test('a run can be looked at while it goes on, but not opened by a second process', async () => {
  await using journal = await store.create('r1', { plan: 1 });
  await journal.append({ type: 'step-applied', step: 'a' });
  await expect(store.open('r1')).rejects.toMatchObject({ code: 'store/held' });
  const seen = await store.look('r1');
  expect(seen.document).toEqual({ plan: 1 });
  expect(seen.entries).toHaveLength(1);
  expect(seen.holder).toMatchObject({ holder: 'run r1', liveness: 'alive', pid: process.pid });
});

test('an ended run gives its lease back and can be opened with what it holds', async () => {
  {
    await using journal = await store.create('r1', { plan: 1 });
    await journal.append({ type: 'step-applied', step: 'a' });
  }
  const { document, entries, journal } = await store.open('r1');
  await using _ = journal;
  expect(document).toEqual({ plan: 1 });
  expect(entries).toHaveLength(1);
  expect(journal.epoch).toBe(2);
});

test('runs are listed newest first; a folder cut before its plan was kept does not count', async () => {
  for (const run of ['20260101-1', '20260103-1', '20260102-1'])
    await (await store.create(run, {}))[Symbol.asyncDispose]();
  await mkdir(join(stateDir, 'runs', '20260104-1'));
  await writeFile(join(stateDir, 'runs', 'stray'), '');
  expect(await store.list()).toEqual(['20260103-1', '20260102-1', '20260101-1']);
});

test('before the first run the list is empty and the folder is not made', async () => {
  expect(await store.list()).toEqual([]);
  expect(await readdir(stateDir)).toEqual([]);
});

test('a run that is not there is an error with the nearest name; a path is no name', async () => {
  await (await store.create('20260101-000000-aa', {}))[Symbol.asyncDispose]();
  await expect(store.look('20260101-000000-ab')).rejects.toMatchObject({
    code: 'store/no-run',
    hint: expect.stringContaining('20260101-000000-aa'),
  });
  await expect(store.open('../runs')).rejects.toMatchObject({ code: 'store/no-run' });
});

test('a plan with a known secret in clear is refused and not kept', async () => {
  secrets.add(new Secret('env:DB_PASSWORD', 'correct-horse'));
  await expect(store.create('r1', { args: { password: 'correct-horse' } })).rejects.toMatchObject({
    code: 'store/journal-secret',
  });
  expect(await store.list()).toEqual([]);
});

test('an unreadable plan is an error that says what is lost', async () => {
  await (await store.create('r1', {}))[Symbol.asyncDispose]();
  await writeFile(join(stateDir, 'runs', 'r1', 'plan.json'), '{');
  await expect(store.open('r1')).rejects.toMatchObject({ code: 'store/plan-unreadable' });
  await expect(store.look('r1')).rejects.toMatchObject({ code: 'store/plan-unreadable' });
});
