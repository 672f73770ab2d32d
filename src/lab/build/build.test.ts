import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testRecipe } from '../../../test/build-recipe.ts';
import { until } from '../../../test/until.ts';
import { SystemClock } from '../../base/clock.ts';
import { controllerSpec, openLocal } from '../../hosts/local.ts';
import { type BuildOptions, type BuildProgress, build } from './build.ts';
import type { Recipe } from './recipe.ts';

const clock = new SystemClock();
const children: ChildProcess[] = [];
let root: string;
let diary: string;
let told: BuildProgress[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'holdfast-build-'));
  diary = join(root, 'diary');
  told = [];
});
afterEach(async () => {
  // Lets a stage that outlived its parent come to its end.
  await writeFile(`${diary}.go`, '');
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await until(async () => {
    await rm(root, { recursive: true, force: true });
    return !existsSync(root);
  });
});

function run(recipe: Recipe, o: Partial<BuildOptions> & { path?: string } = {}) {
  const env = { PATH: o.path ?? process.env.PATH };
  return build(recipe, {
    cache: join(root, 'cache'),
    force: false,
    machine: openLocal(controllerSpec('root'), { clock, env }),
    clock,
    signal: new AbortController().signal,
    tell: (progress) => told.push(progress),
    ...o,
  });
}
const written = async (): Promise<string[]> => (await readFile(diary, 'utf8')).trim().split('\n');
const stagesDone = async (): Promise<string[]> => (await written()).filter((line) => line.endsWith('.'));
const tool = (): string => join(root, 'cache/tool/1.2.3/bin/tool');

describe('a build', () => {
  it('goes through its stages, asks each program for its version, and leaves nothing but the set', async () => {
    const result = await run(testRecipe(diary));
    expect(result.outcome).toBe('built');
    expect(result.binaries.programs).toMatchObject([{ name: 'tool', says: 'tool v1.2.3' }]);
    expect(await readFile(tool(), 'utf8')).toContain('# changed');
    expect(await stagesDone()).toEqual(['fetch.', 'change.', 'compile.']);
    expect(await readdir(join(root, 'cache/tool'))).toEqual(['1.2.3']);
  });

  it('tells when each stage begins and ends, and how many there are', async () => {
    await run(testRecipe(diary));
    expect(told.map(({ stage, nth, of, state }) => `${nth}/${of} ${stage} ${state}`)).toEqual([
      '1/4 fetch begun',
      '1/4 fetch done',
      '2/4 change begun',
      '2/4 change done',
      '3/4 compile begun',
      '3/4 compile done',
      '4/4 put in place begun',
      '4/4 put in place done',
    ]);
  });

  it('does nothing the second time, and builds again where a program was cut short', async () => {
    await run(testRecipe(diary));
    expect((await run(testRecipe(diary))).outcome).toBe('there');
    expect(await stagesDone()).toHaveLength(3);
    await truncate(tool(), 3);
    expect((await run(testRecipe(diary))).outcome).toBe('built');
    expect(await stagesDone()).toHaveLength(6);
  });

  it('with --force begins anew, and keeps the old set until the new one is ready', async () => {
    await run(testRecipe(diary));
    await writeFile(`${diary}.broken`, 'no such header\n');
    const broken = testRecipe(diary, { broken: 'compile' });
    await expect(run(broken, { force: true })).rejects.toMatchObject({ code: 'lab-build/failed' });
    expect((await run(testRecipe(diary))).outcome).toBe('there');
    expect((await run(testRecipe(diary), { force: true })).outcome).toBe('built');
    expect((await stagesDone()).slice(-3)).toEqual(['fetch.', 'change.', 'compile.']);
  });
});

describe('a stage that fails', () => {
  it('names the log and its last lines, and the next call goes on with it', async () => {
    await writeFile(`${diary}.broken`, 'parser.go:7: undefined: x\n');
    const recipe = testRecipe(diary, { broken: 'compile' });
    const log = join(root, 'cache/tool/building-1.2.3/build.log');
    await expect(run(recipe)).rejects.toMatchObject({
      code: 'lab-build/failed',
      message: "the stage 'compile' failed",
      got: `exit code 7; the last lines of ${log}:\n  | parser.go:7: undefined: x`,
      hint: "Mend it. What is done stays: the next call goes on with 'compile'.",
    });
    await rm(`${diary}.broken`);
    told = [];
    expect((await run(recipe)).outcome).toBe('built');
    expect(told.slice(0, 3).map(({ stage, state }) => `${stage} ${state}`)).toEqual([
      'fetch kept',
      'change kept',
      'compile begun',
    ]);
    expect(await stagesDone()).toEqual(['fetch.', 'change.', 'compile.']);
  });

  it('says so where the disk was full', async () => {
    await writeFile(`${diary}.broken`, 'link: write: No space left on device\n');
    await expect(run(testRecipe(diary, { broken: 'compile' }))).rejects.toMatchObject({
      code: 'lab-build/no-space',
    });
  });

  it('and a program that says another version never reaches the cache', async () => {
    await expect(run(testRecipe(diary, { says: '1.2.30' }))).rejects.toMatchObject({
      code: 'lab-build/wrong-version',
      got: 'exit code 0: tool v1.2.30',
    });
    expect(existsSync(tool())).toBe(false);
  });
});

describe('a build killed with SIGKILL', () => {
  async function killIn(slow: string): Promise<void> {
    const program = join(import.meta.dirname, '../../../test/build-child.ts');
    const child = spawn(process.execPath, [program, join(root, 'cache'), diary, slow], { stdio: 'inherit' });
    children.push(child);
    await until(async () => existsSync(diary) && (await written()).at(-1) === slow, `${slow} begins`);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  it('goes on with the stage that was cut, after what still runs of it has ended', async () => {
    await killIn('compile');
    const second = run(testRecipe(diary));
    await until(() => told.some(({ stage, state }) => stage === 'compile' && state === 'begun'));
    await writeFile(`${diary}.go`, '');
    expect((await second).outcome).toBe('built');
    // The orphan ended before ours began: never two in one folder.
    expect(await written()).toEqual([
      'fetch',
      'fetch.',
      'change',
      'change.',
      'compile',
      'compile.',
      'compile',
      'compile.',
    ]);
  });

  it('does the stage before again where the one that was cut changes what that left', async () => {
    await killIn('change');
    await writeFile(`${diary}.go`, '');
    expect((await run(testRecipe(diary))).outcome).toBe('built');
    expect(await stagesDone()).toEqual(['fetch.', 'change.', 'fetch.', 'change.', 'compile.']);
  });
});

describe('before anything is fetched', () => {
  it('a second call on the same cache is told who is building', async () => {
    const first = run(testRecipe(diary, { slow: 'fetch' }));
    await until(() => existsSync(diary));
    await expect(run(testRecipe(diary))).rejects.toMatchObject({ code: 'store/held' });
    await writeFile(`${diary}.go`, '');
    expect((await first).outcome).toBe('built');
  });

  it('names all packages that are missing, in a command to paste', async () => {
    const tools = { flock: 'util-linux', 'no-such-rsync': 'rsync', 'no-such-jq': 'jq' };
    await expect(run(testRecipe(diary, { tools }))).rejects.toMatchObject({
      code: 'lab-build/no-tools',
      hint: 'apt-get install --no-install-recommends rsync jq',
    });
    expect(existsSync(diary)).toBe(false);
  });

  it('refuses a go that is too old, and takes one that is not', async () => {
    const bin = join(root, 'bin');
    await mkdir(bin);
    const path = `${bin}:${process.env.PATH}`;
    const go = { oldest: [1, 15], debianPackage: 'golang-0.0-go' } as const;
    const install = async (version: string): Promise<void> => {
      const text = `#!/bin/sh\ncase $1 in version) echo go version ${version} linux/amd64;; env) echo /opt/go;; esac\n`;
      await writeFile(join(bin, 'go'), text);
      await chmod(join(bin, 'go'), 0o755);
    };
    await install('go1.9.7');
    await expect(run({ ...testRecipe(diary), go }, { path })).rejects.toMatchObject({
      code: 'lab-build/go-too-old',
      expected: 'go 1.15 or newer',
      got: 'go version go1.9.7 linux/amd64',
    });
    await install('go1.15');
    expect((await run({ ...testRecipe(diary), go }, { path })).outcome).toBe('built');
  });

  it('says how much space is wanted and how much there is', async () => {
    await expect(run({ ...testRecipe(diary), neededBytes: 2 ** 60 })).rejects.toMatchObject({
      code: 'lab-build/no-space',
      expected: '1073741824.0 GiB free',
    });
    expect(existsSync(diary)).toBe(false);
  });

  it('says where it may not write, and what to set', async () => {
    const file = join(root, 'file');
    await writeFile(file, '');
    await expect(run(testRecipe(diary), { cache: file })).rejects.toMatchObject({
      code: 'lab-build/no-permission',
      hint: expect.stringContaining('HOLDFAST_CACHE'),
    });
  });
});
