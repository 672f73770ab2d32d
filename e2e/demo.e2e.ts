/** The demo as a stranger runs it: both registries, Ctrl-C in the middle, and kill -9. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../test/until.ts';

const HOLDFAST = join(import.meta.dirname, '../bin/holdfast');
const WHOLE_DEMO_MS = 90_000;
const hasRegistry = existsSync('/usr/bin/docker-registry');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-demo-e2e-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Demo {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly ended: Promise<number | null>;
}

/** Starts one whose temporary files lie in the test's folder, as the leader of a process group, as a shell does. */
function startDemo(...args: string[]): Demo {
  const env = { ...process.env, TMPDIR: folder, HOLDFAST_LANG: 'en' };
  const child = spawn(HOLDFAST, ['demo', ...args], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
  }
  return { child, out: () => out, ended: once(child, 'exit').then(([code]) => code) };
}

/** Command lines of processes that have to do with the test's folder: servers, watcher and sweeper all name it. */
async function stillRunning(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes(folder)).map((line) => line.replaceAll('\0', ' '));
}

async function expectNothingLeft(): Promise<void> {
  await until(async () => (await stillRunning()).length === 0, 'all processes have ended');
  expect(await readdir(folder)).toEqual([]);
}

/** In the middle: both servers, the watcher and the client run, and one server was killed already. */
async function inTheMiddle(demo: Demo): Promise<void> {
  await until(() => demo.out().includes('failover from original'), 'the failover came');
  expect((await stillRunning()).length).toBeGreaterThanOrEqual(3);
}

describe('holdfast demo', () => {
  test(
    'shows what it claims with the embedded registry, exits 0 and leaves nothing behind',
    async () => {
      const demo = startDemo('--embedded-registry');
      expect(await demo.ended, demo.out()).toBe(0);
      expect(demo.out()).toContain('files, charts and images (embedded)');
      await expectNothingLeft();
    },
    WHOLE_DEMO_MS,
  );

  test.skipIf(!hasRegistry)(
    "and with Debian's registry (skipped where docker-registry is not installed)",
    async () => {
      const demo = startDemo();
      expect(await demo.ended, demo.out()).toBe(0);
      expect(demo.out()).toContain('files, charts and images (docker-registry)');
      await expectNothingLeft();
    },
    WHOLE_DEMO_MS,
  );

  test(
    'Ctrl-C in the middle ends it with 130, and everything with it',
    async () => {
      const demo = startDemo();
      await inTheMiddle(demo);
      process.kill(-(demo.child.pid as number), 'SIGINT');
      expect(await demo.ended, demo.out()).toBe(130);
      await expectNothingLeft();
    },
    WHOLE_DEMO_MS,
  );

  test(
    'kill -9 in the middle: its processes notice, end, and take the folder with them',
    async () => {
      const demo = startDemo();
      await inTheMiddle(demo);
      demo.child.kill('SIGKILL');
      await demo.ended;
      await expectNothingLeft();
    },
    WHOLE_DEMO_MS,
  );
});
