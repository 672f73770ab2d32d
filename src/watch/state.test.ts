import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Scenario, testPolicy } from '../../test/watch-scenario.ts';
import { fileStateStore, stateFile, watchFolder } from './state.ts';
import { toStored } from './stored.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-state-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A state with everything in it that can be stored. */
function full(): ReturnType<typeof toStored> {
  const scenario = new Scenario(testPolicy());
  scenario.settle('original', 'up');
  scenario.settle('standby', 'up');
  scenario.settle('original', 'down');
  scenario.command({ verb: 'drain', member: 'original', acceptLoss: false });
  scenario.command({ verb: 'force', members: ['standby'], forMs: 60_000 });
  return toStored(scenario.state, scenario.at);
}

test('what was saved comes back', async () => {
  const store = fileStateStore(folder);
  await store.save(full());
  expect(await store.load('registry')).toEqual(full());
});

test('an endpoint that was never watched has no state', async () => {
  expect(await fileStateStore(folder).load('registry')).toBeUndefined();
});

test('files are for their owner only, and no temporary ones stay', async () => {
  const store = fileStateStore(folder);
  for (let n = 0; n < 5; n++) await store.save(full());
  expect(await readdir(watchFolder(folder))).toEqual(['registry.json']);
  expect((await stat(stateFile(folder, 'registry'))).mode & 0o777).toBe(0o600);
  expect((await stat(watchFolder(folder))).mode & 0o777).toBe(0o700);
});

test('an endpoint name that is no file name stays inside the folder', () => {
  expect(stateFile(folder, '../../etc/passwd')).toBe(join(folder, 'watch', '..%2F..%2Fetc%2Fpasswd.json'));
});

test.each([
  ['cut short', (text: string) => text.slice(0, 100)],
  ['empty', () => ''],
  ['no JSON', () => 'registry: original'],
  ['of another version', (text: string) => text.replace('"version":1', '"version":2')],
  ['of another endpoint', (text: string) => text.replace('"endpoint":"registry"', '"endpoint":"files"')],
  [
    'with an answer without members',
    (text: string) => text.replace('"members":["standby"],"ttlMs"', '"members":[],"ttlMs"'),
  ],
])('a file that is %s is an error with a way out, never forgotten', async (_what, spoil) => {
  const store = fileStateStore(folder);
  await store.save(full());
  const text = `${JSON.stringify(full())}\n`;
  expect(spoil(text)).not.toBe(text);
  await writeFile(stateFile(folder, 'registry'), spoil(text));
  await expect(store.load('registry')).rejects.toMatchObject({
    code: 'watch/state-corrupt',
    hint: expect.stringContaining(stateFile(folder, 'registry')),
  });
});

test('a folder that cannot be written to is an error of the file system, once', async () => {
  await writeFile(join(folder, 'watch'), 'a file where the folder should be');
  await expect(fileStateStore(folder).save(full())).rejects.toMatchObject({ code: 'store/io' });
});
