/** Kill -9 of a real watcher, again and again, while clients ask: no wrong answer, and no second watcher. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SystemClock } from '../src/base/clock.ts';
import { resolve } from '../src/dns/resolve.ts';
import { type Listening, listen } from '../test/listen.ts';
import { freeDnsPort, loopbackAddress } from '../test/loopback.ts';

const clock = new SystemClock();
const NAME = 'files.example.test';
const [ORIGINAL, STANDBY] = [loopbackAddress(), loopbackAddress()];
let folder: string;
let dnsPort: number;
let original: Listening;
let standby: Listening;
let watcher: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-restart-'));
  dnsPort = await freeDnsPort();
  original = await listen(createServer(), ORIGINAL);
  standby = await listenOn(original.port, STANDBY);
  await writeFile(join(folder, 'site.yaml'), siteText());
});
afterEach(async () => {
  await kill();
  await original[Symbol.asyncDispose]();
  await standby[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function siteText(): string {
  return `
apiVersion: holdfast/v1
kind: Site
metadata: { name: restart }
hosts:
  original: { address: ${ORIGINAL}, transport: local }
  standby: { address: ${STANDBY}, transport: local }
endpoints:
  files:
    name: ${NAME}
    driver: { kind: dns-embedded, listen: ['127.0.0.1:${dnsPort}'] }
    members: [original, standby]
    ttl: 1s
    interval: 100ms
    timeout: 100ms
    holdDown: 1s
    failback: manual
    probes:
      - { name: tcp, kind: tcp, port: ${original.port} }
`;
}

async function listenOn(port: number, address: string): Promise<Listening> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(port, address, () => done()));
  return {
    port,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

function start(): ChildProcess {
  const main = join(import.meta.dirname, '../src/cli/main.ts');
  const args = [main, 'watch', '-f', join(folder, 'site.yaml'), '--state-dir', join(folder, 'state')];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function kill(): Promise<void> {
  const child = watcher;
  watcher = undefined;
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** What a client gets: an address, an rcode where the answer has none, or undefined where nobody answers. */
async function ask(): Promise<string | undefined> {
  try {
    const servers = [{ address: '127.0.0.1', port: dnsPort }];
    const { signal } = new AbortController();
    const query = { servers, name: NAME, timeoutMs: 200, tries: 1, recurse: false, clock, signal };
    const { data, rcode } = await resolve({ ...query, random: Math.random });
    return data.length === 0 ? rcode : data.join();
  } catch {
    return undefined;
  }
}

async function untilAnswered(address: string): Promise<void> {
  const endMs = clock.monotonicMs() + 20_000;
  while ((await ask()) !== address) {
    if (clock.monotonicMs() > endMs) throw new Error(`clients did not get ${address} within 20 s`);
    await clock.sleep(20);
  }
}

test('after a failover, kill -9 at any moment never shows a client anything but the standby', async () => {
  watcher = start();
  await untilAnswered(ORIGINAL);
  await original[Symbol.asyncDispose]();
  await untilAnswered(STANDBY);
  // The original is back and well, and must not be answered: failback is manual.
  original = await listenOn(original.port, ORIGINAL);

  const seen = new Set<string>();
  let asking = true;
  const client = (async () => {
    while (asking) {
      const answer = await ask();
      if (answer !== undefined) seen.add(answer);
      await clock.sleep(2);
    }
  })();
  for (const aliveMs of [0, 150, 400, 900]) {
    await kill();
    watcher = start();
    await untilAnswered(STANDBY);
    await clock.sleep(aliveMs);
  }
  asking = false;
  await client;
  expect([...seen]).toEqual([STANDBY]);
});

test('a second watcher on the state folder is refused, and the first goes on', async () => {
  watcher = start();
  await untilAnswered(ORIGINAL);
  const second = start();
  let err = '';
  second.stderr?.on('data', (chunk) => {
    err += chunk.toString();
  });
  const [code] = await once(second, 'exit');
  expect(code).toBe(4);
  expect(err).toContain(`pid ${watcher.pid}`);
  await untilAnswered(ORIGINAL);
});

test('SIGTERM ends it with 0 and leaves the state for the next one', async () => {
  watcher = start();
  await untilAnswered(ORIGINAL);
  const gone = once(watcher, 'exit');
  watcher.kill('SIGTERM');
  expect(await gone).toEqual([0, null]);
  watcher = start();
  await untilAnswered(ORIGINAL);
});
