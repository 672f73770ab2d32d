/** The watcher's commands as a person runs them: a real site file, real probes, the embedded DNS server, real signals' effect. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeIo, fakeIo } from '../../test/fake-io.ts';
import { type Listening, listen } from '../../test/listen.ts';
import { freeDnsPort, loopbackAddress } from '../../test/loopback.ts';
import { until } from '../../test/until.ts';
import { runCli } from './program.ts';

const addresses = [loopbackAddress(), loopbackAddress()];
let folder: string;
let members: Listening[];
let env: Record<string, string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-watch-'));
  members = await Promise.all(addresses.map((address) => listen(createServer(), address)));
  env = { HOLDFAST_SITE: join(folder, 'site.yaml'), HOLDFAST_STATE_DIR: join(folder, 'state'), USER: 'li' };
  await writeFile(join(folder, 'site.yaml'), await site());
});
afterEach(async () => {
  for (const member of members) await member[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function site(): Promise<string> {
  const [original, standby] = addresses;
  return `
apiVersion: holdfast/v1
kind: Site
metadata: { name: pair }
hosts:
  original: { address: ${original}, transport: local }
  standby: { address: ${standby}, transport: local }
endpoints:
  files:
    name: files.example.test
    driver: { kind: dns-embedded, listen: ['127.0.0.1:${await freeDnsPort()}'] }
    members: [original, standby]
    ttl: 1s
    interval: 50ms
    timeout: 50ms
    holdDown: 1s
    failback: manual
    probes:
      - { name: original, kind: tcp, port: ${members[0]?.port} }
`;
}

/** One command, ended. */
async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo({ env });
  const code = await runCli(args, io);
  return { code, ...io.written };
}

/** A watcher under way; disposing it is what SIGTERM does. */
async function watching(
  ...args: string[]
): Promise<AsyncDisposable & { io: FakeIo; ended: Promise<number> }> {
  const stop = new AbortController();
  const io = fakeIo({ env, stop: stop.signal });
  const ended = runCli(['watch', ...args], io);
  await until(() => io.written.out.includes('started') || io.written.err !== '');
  return {
    io,
    ended,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('SIGTERM'));
      await ended;
    },
  };
}

async function active(): Promise<string> {
  const { out } = await run('status', '--json');
  return JSON.parse(out).endpoints[0].answer?.members.join() ?? '';
}

async function allUp(): Promise<boolean> {
  const { out } = await run('status', '--json');
  return JSON.parse(out).endpoints[0].members.every((one: { status: string }) => one.status === 'up');
}

/** Both members listen on the port of the first: the probe of one site asks one port. */
async function bothUp(): Promise<Listening> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(members[0]?.port, addresses[1], () => resolve()));
  return {
    port: members[0]?.port as number,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

describe('holdfast watch', () => {
  test('fails over, tells it as lines, and stops cleanly at the first signal', async () => {
    await using _standby = await bothUp();
    const watcher = await watching();
    await until(async () => (await active()) === 'original');
    await members[0]?.[Symbol.asyncDispose]();
    await until(async () => (await active()) === 'standby');
    await until(() => watcher.io.written.out.includes('published standby'));
    await watcher[Symbol.asyncDispose]();
    expect(await watcher.ended).toBe(0);
    expect(watcher.io.written.out).toMatch(/files failover from original to standby: original is down/);
    expect(watcher.io.written.out).toMatch(/stopped: the answers stay as they are\n$/);
    members = members.slice(1);
  });

  test('prints events as JSON with their sentence, single probes only where asked for', async () => {
    await using _standby = await bothUp();
    await using watcher = await watching('--json');
    await until(() => watcher.io.written.out.includes('"published"'));
    const events = watcher.io.written.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ type: 'started' });
    expect(events.find((event) => event.type === 'changed')).toMatchObject({ text: expect.any(String) });
    expect(events.some((event) => event.type === 'probed')).toBe(false);
  });

  test('refuses to start twice on one state folder, and says who watches', async () => {
    await using _watcher = await watching();
    const second = await run('watch');
    expect(second.code).toBe(4);
    expect(second.err).toContain('holdfast watch by li@');
  });
});

describe('commands through a running watcher', () => {
  test('switch, force, release, drain and failback say what came of them', async () => {
    await using _standby = await bothUp();
    await using _watcher = await watching();
    await until(allUp);
    const switched = await run('switch', 'standby');
    expect(switched).toMatchObject({ code: 0, err: 'verifying what clients get now:\n' });
    expect(switched.out).toMatch(
      /^done: li@\S+ moved it from original to standby \(switch\).*\n {2}clients get standby\n/,
    );
    expect(switched.out).toMatch(/^✓ +files +standby +original +connect to/m);
    expect(switched.out).toMatch(/^✓ +files +clients +/m);
    expect(switched.out).toMatch(/\nverified: all 2 checks passed\n$/);
    const forced = JSON.parse((await run('force', 'files', 'original', '--for', '30m', '--json')).out);
    expect(forced).toMatchObject({ outcome: 'done', through: 'watcher', published: { changed: true } });
    const refused = await run('switch', 'standby');
    expect(refused.code).toBe(4);
    expect(refused.err).toContain('`holdfast release` first');
    expect((await run('status')).out).toMatch(/FORCED +original \(li@/);
    expect((await run('release')).code).toBe(0);
    expect((await run('drain', 'original')).out).toContain('clients get standby');
    expect((await run('drain', 'standby')).code).toBe(4);
    expect((await run('drain', '--undo', 'original')).code).toBe(0);
    const back = JSON.parse((await run('failback', '--json')).out);
    expect(back).toMatchObject({ members: ['original'], before: ['standby'], verified: { ok: true } });
    expect((await run('failback')).out).toMatch(/^unchanged: /);
    expect((await run('switch', 'standby', '--no-verify')).out).toMatch(/clients get standby\n$/);
  });

  test('a switch to a member that does not serve is said to have happened, with the way back', async () => {
    await writeFile(
      join(folder, 'site.yaml'),
      (await site()).replace('failback:', 'fall: 1000\n    failback:'),
    );
    const standby = await bothUp();
    await using _watcher = await watching();
    await until(allUp);
    await standby[Symbol.asyncDispose]();
    const { code, out, err } = await run('switch', 'standby', '-f', join(folder, 'site.yaml'));
    expect(code).toBe(1);
    expect(out).toContain('clients get standby');
    expect(out).toMatch(/^✗ +files +standby +original +/m);
    expect(err).toContain('standby answers clients now, but not as it should: 1 of 2 checks failed');
    const flags = `-f ${join(folder, 'site.yaml')}`;
    expect(err).toContain(`look again: holdfast verify files ${flags}\n`);
    expect(err).toContain(`or go back: holdfast switch files original ${flags}\n`);
    expect((await run('failback')).code).toBe(0);
    const drained = await run('drain', 'original');
    expect(drained.code).toBe(1);
    expect(drained.err).toContain(
      'or go back: holdfast drain --undo files original && holdfast switch files original\n',
    );
  });

  test('a name that does not exist is refused with the one that was meant', async () => {
    await using _watcher = await watching();
    expect((await run('switch', 'stanby')).err).toContain('did you mean standby?');
    const endpoint = await run('switch', 'file', 'standby');
    expect(endpoint.code).toBe(1);
    expect(endpoint.err).toContain("Did you mean 'files'?");
  });
});

describe('without a watcher', () => {
  test('status shows what was stored and says so', async () => {
    await using _standby = await bothUp();
    const watcher = await watching();
    await until(async () => (await active()) === 'original');
    await watcher[Symbol.asyncDispose]();
    const { code, out } = await run('status');
    expect(code).toBe(0);
    expect(out).toContain('no watcher runs');
    expect(out).toMatch(/answers +original +since/);
  });

  test('a command decides and stores by itself, and the next watcher publishes it', async () => {
    await using _standby = await bothUp();
    const switched = await run('switch', 'standby');
    expect(switched.code).toBe(1);
    expect(switched.err).toContain('`holdfast watch` will publish it');
    expect(switched.err).not.toContain('published by');
    expect(switched.err).toContain('[dns-embedded/not-serving]');
    expect(await active()).toBe('standby');
    await using watcher = await watching();
    await until(() => watcher.io.written.out.includes('published standby'));
  });
});

describe('holdfast verify', () => {
  test('exits 0 with evidence where all is well and 1 where one member is not', async () => {
    const standby = await bothUp();
    await using _watcher = await watching();
    await until(async () => (await active()) === 'original');
    const well = await run('verify');
    expect(well.code).toBe(0);
    expect(well.out.match(/✓/g)).toHaveLength(3);
    expect(well.err).toContain('all 3 checks passed');
    await standby[Symbol.asyncDispose]();
    const broken = await run('verify', '--json');
    expect(broken.code).toBe(1);
    expect(JSON.parse(broken.out)).toMatchObject({
      ok: false,
      checks: [{ ok: true }, { ok: false, member: 'standby', result: { status: 'down' } }, { ok: true }],
    });
  });
});

describe('what is typed wrongly', () => {
  test.each([[['switch']], [['switch', 'a', 'b', 'c']], [['force', 'standby', '--for', '2']], [['drain']]])(
    '%j is a usage error',
    async (args) => {
      expect((await run(...args)).code).toBe(2);
    },
  );
});
