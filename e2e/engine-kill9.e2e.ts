/**
 * Promise 4 with the real program: `holdfast apply` as a process of its own, killed with SIGKILL at every boundary of
 * its journal and in between, on files of this machine in a folder of its own. Resume and rollback both end whole.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SystemClock } from '../src/base/clock.ts';

const clock = new SystemClock();
const main = resolve(import.meta.dirname, '../src/cli/main.ts');
/** run-opened, three entries for each of four steps, one where the old content was put aside, run-closed. */
const ENTRIES = 15;

let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-kill-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const path = (name: string): string => join(folder, 'root', name);

function layOut(): void {
  rmSync(join(folder, 'root'), { recursive: true, force: true });
  rmSync(join(folder, 'state'), { recursive: true, force: true });
  mkdirSync(join(folder, 'root'));
  writeFileSync(path('kept'), 'old content\n', { mode: 0o640 });
  writeFileSync(path('gone'), 'to be removed\n');
  const slow = 'validate: [sleep, "0.02"]';
  writeFileSync(
    join(folder, 'site.yaml'),
    `apiVersion: holdfast/v1
kind: Site
metadata: { name: kill }
hosts:
  one: { address: 127.0.0.1, transport: local }
stacks:
  base:
    kind: baseline
    hosts: [one]
    directories:
      - path: ${path('made/deep')}
    files:
      - { path: ${path('kept')}, content: "new content\\n", ${slow} }
      - { path: ${path('gone')}, absent: true }
      - { path: ${path('made/deep/new')}, content: "new\\n", ${slow} }
`,
  );
}

function holdfast(...args: string[]): ChildProcess {
  const common = ['-f', join(folder, 'site.yaml'), '--state-dir', join(folder, 'state')];
  const lock = ['--lock-file', join(folder, 'lock')];
  const child = spawn(process.execPath, [main, ...args, ...common, ...lock], { stdio: 'ignore' });
  children.push(child);
  return child;
}

async function run(...args: string[]): Promise<number | null> {
  const child = holdfast(...args);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

function journal(): string {
  const runs = join(folder, 'state', 'runs');
  const [name] = existsSync(runs) ? readdirSync(runs) : [];
  const file = name === undefined ? undefined : join(runs, name, 'journal.jsonl');
  return file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : '';
}
const entries = (): number => journal().split('\n').length - 1;

/** Kills the process as soon as its journal has so many entries. @returns false where it had ended before */
async function killAt(child: ChildProcess, count: number): Promise<boolean> {
  const ended = once(child, 'exit');
  const deadlineMs = clock.monotonicMs() + 60_000;
  while (child.exitCode === null && entries() < count) {
    if (clock.monotonicMs() > deadlineMs) throw new Error('it neither ends nor gets there');
    await clock.sleep(1);
  }
  const wasAlive = child.exitCode === null;
  child.kill('SIGKILL');
  await ended;
  return wasAlive;
}

function picture(): unknown {
  const read = (name: string) =>
    existsSync(path(name)) ? [readFileSync(path(name), 'utf8'), statSync(path(name)).mode & 0o777] : null;
  return {
    files: ['kept', 'gone', 'made/deep/new'].map(read),
    // The old content of what not everybody may read stays beside it, for a rollback days later.
    top: readdirSync(join(folder, 'root'))
      .filter((name) => !/^\.kept\.holdfast-old-\d+$/.test(name))
      .sort(),
    deep: existsSync(path('made/deep')) ? readdirSync(path('made/deep')).sort() : null,
    lock: existsSync(join(folder, 'lock')),
  };
}

const before = {
  files: [['old content\n', 0o640], ['to be removed\n', 0o644], null],
  top: ['gone', 'kept'],
  deep: null,
  lock: false,
};
const after = {
  files: [['new content\n', 0o640], null, ['new\n', 0o644]],
  top: ['kept', 'made'],
  deep: ['new'],
  lock: false,
};

test('not cut, it is as wanted; a second apply changes nothing', async () => {
  layOut();
  expect(await run('plan')).toBe(3);
  expect(await run('apply', '--yes')).toBe(0);
  expect(picture()).toEqual(after);
  expect(entries()).toBe(ENTRIES);
  expect(await run('plan')).toBe(0);
  expect(await run('apply', '--yes')).toBe(0);
  expect(readdirSync(join(folder, 'state', 'runs'))).toHaveLength(1);
  expect(await run('rollback', '--yes')).toBe(0);
  expect(picture()).toEqual(before);
}, 120_000);

for (const way of ['resume', 'rollback'] as const) {
  // Every boundary with one of the two; `crash.test.ts` has each with both.
  test(`killed with SIGKILL at every other boundary of its journal, ${way} ends whole`, async () => {
    for (let count = way === 'resume' ? 1 : 2; count < ENTRIES; count += 2) {
      layOut();
      const wasAlive = await killAt(holdfast('apply', '--yes'), count);
      const cutAt = entries();
      const code = await run(way, ...(way === 'rollback' ? ['--yes'] : []));
      const where = `killed at entry ${cutAt}`;
      // It may have been quicker than we looked: then there is nothing to resume.
      if (wasAlive || way === 'rollback') expect(code, where).toBe(0);
      expect(picture(), where).toEqual(way === 'resume' ? after : before);
    }
  }, 240_000);
}

test('a rollback that is itself killed at every boundary ends whole when it is called again', async () => {
  for (let count = 1; count <= 8; count += 3) {
    layOut();
    await killAt(holdfast('apply', '--yes'), 11);
    const cutAt = entries();
    await killAt(holdfast('rollback', '--yes'), cutAt + count);
    // By its name: the first one may have been quicker than we looked, and then there is none left to be found.
    const [name = ''] = readdirSync(join(folder, 'state', 'runs'));
    expect(await run('rollback', name, '--yes'), `killed at entry ${cutAt}, then ${entries()}`).toBe(0);
    expect(picture()).toEqual(before);
  }
}, 240_000);

test('a second process is refused while the first is at work, and told who is', async () => {
  layOut();
  const site = join(folder, 'site.yaml');
  writeFileSync(site, readFileSync(site, 'utf8').replaceAll('"0.02"', '"3"'));
  const first = holdfast('apply', '--yes');
  const deadlineMs = clock.monotonicMs() + 30_000;
  while (entries() < 1 && clock.monotonicMs() < deadlineMs) await clock.sleep(10);
  const second = spawn(
    process.execPath,
    [
      main,
      'apply',
      '--yes',
      '-f',
      site,
      '--state-dir',
      join(folder, 'other'),
      '--lock-file',
      join(folder, 'lock'),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOLDFAST_LANG: 'en' } },
  );
  children.push(second);
  let said = '';
  second.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = (await once(second, 'exit')) as [number];
  expect(code).toBe(4);
  expect(said).toMatch(/one is locked by .+ since \d{4}-/);
  expect(await run('resume'), 'and so is a resume of the run that goes on').toBe(4);
  await once(first, 'exit');
  expect(first.exitCode).toBe(0);
  expect(picture()).toEqual(after);
}, 120_000);
