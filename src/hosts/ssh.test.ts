import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sshdMissing, startSshd, type TestSshd } from '../../test/sshd.ts';
import { until } from '../../test/until.ts';
import { SystemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { Secret } from '../base/secret.ts';
import type { HostSpec } from '../site/model.ts';
import type { Connection } from './host.ts';
import { script, sh } from './shell.ts';
import { type SshOptions, type SshTransport, sshTransport } from './ssh.ts';

const clock = new SystemClock();
const never = new AbortController().signal;
const quick = { timeoutMs: 20_000, signal: never };

describe.skipIf(sshdMissing)(`a command over SSH (${sshdMissing ?? 'real sshd on loopback'})`, () => {
  let sshd: TestSshd;
  let ssh: SshTransport;
  let host: Connection;
  const transports: SshTransport[] = [];

  const open = (o: Partial<SshOptions> = {}, hosts: readonly HostSpec[] = []): SshTransport => {
    const transport = sshTransport({
      clock,
      log: silentLogger,
      hosts: new Map(hosts.map((spec) => [spec.name, spec])),
      secret: async (reference) => new Secret(reference, 'unused'),
      env: { HOME: sshd.folder, USER: sshd.user },
      ...o,
    });
    transports.push(transport);
    return transport;
  };

  beforeAll(async () => {
    sshd = await startSshd();
    ssh = open();
    host = await ssh.connect(sshd.spec('db1'), { signal: never });
  });
  afterAll(async () => {
    for (const transport of transports) await transport[Symbol.asyncDispose]();
    await sshd?.[Symbol.asyncDispose]();
  });

  it('gives exit code, both outputs apart, and the code of a signal', async () => {
    expect(await host.run(script('echo out; echo err >&2; exit 9'), quick)).toMatchObject({
      code: 9,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect((await host.run(script('kill -KILL $$'), quick)).code).toBe(137);
  });

  it('carries input and output of megabytes unharmed', async () => {
    const bytes = Buffer.alloc(3_000_000);
    for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 7919) % 251;
    const path = join(sshd.folder, 'big');
    await host.files.replace(path, bytes, {}, never);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(Buffer.from((await host.files.read(path, never)) as Uint8Array).equals(bytes)).toBe(true);
  });

  it('passes words through both shells as they are', async () => {
    const words = ["it's", '$HOME `id` $(id)', 'a\nb', '*', '\\', '中文'];
    const { stdout } = await host.run(sh`printf '%s\\0' ${words}`, quick);
    expect(stdout.split('\0').slice(0, -1)).toEqual(words);
  });

  it('runs fifty commands in parallel on one connection, more than the sessions that sshd allows', async () => {
    const before = sshd.log().match(/Accepted publickey/g)?.length;
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) => host.run(sh`sleep 0.05; echo ${index}`, quick)),
    );
    expect(results.map(({ stdout }) => Number(stdout))).toEqual([...Array(50).keys()]);
    expect(sshd.log().match(/Accepted publickey/g)?.length).toBe(before);
  });

  it('stops waiting for a free session when the caller aborts', async () => {
    const controller = new AbortController();
    const slow = Array.from({ length: 8 }, () => host.run(script('sleep 0.3'), quick));
    const waiting = host.run(script('echo never'), { ...quick, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await Promise.all(slow);
  });

  it('kills the remote command at the time limit', async () => {
    const pid = join(sshd.folder, 'pid');
    await expect(
      host.run(sh`echo $$ >${pid}; sleep 300 & sleep 300`, { timeoutMs: 500, signal: never }),
    ).rejects.toMatchObject({ code: 'host/timeout', where: { host: 'db1' } });
    const { stdout } = await host.run(
      sh`kill -0 $(cat ${pid}) 2>/dev/null && echo alive || echo gone`,
      quick,
    );
    expect(stdout).toBe('gone\n');
  });

  it('kills the remote command when the caller aborts', async () => {
    const controller = new AbortController();
    const pid = join(sshd.folder, 'pid2');
    const work = host.run(sh`trap '' TERM; echo $$ >${pid}; while :; do sleep 1; done`, {
      timeoutMs: 60_000,
      signal: controller.signal,
    });
    await until(async () => (await host.files.read(pid, never))?.length);
    controller.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    const { stdout } = await host.run(
      sh`kill -0 $(cat ${pid}) 2>/dev/null && echo alive || echo gone`,
      quick,
    );
    expect(stdout).toBe('gone\n');
  });

  it('does not wait for a daemon that keeps the outputs open', async () => {
    const { stdout, code } = await host.run(script('sleep 100 & echo $!'), {
      timeoutMs: 60_000,
      signal: never,
    });
    expect(code).toBe(0);
    process.kill(Number(stdout));
  });

  it('gives the same host one connection, whoever asks', async () => {
    const transport = open();
    const [one, two] = await Promise.all([
      transport.connect(sshd.spec('a'), { signal: never }),
      transport.connect(sshd.spec('a'), { signal: never }),
    ]);
    expect(transport.openCount).toBe(1);
    await one[Symbol.asyncDispose]();
    expect((await two.run(script('echo still'), quick)).stdout).toBe('still\n');
    await two[Symbol.asyncDispose]();
    expect(transport.openCount).toBe(0);
  });

  it('negotiates curve25519, the cheapest exchange', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = { ...silentLogger, debug: (_message: string, fields = {}) => void lines.push(fields) };
    await open({ log }).connect(sshd.spec('a'), { signal: never });
    expect(lines[0]).toMatchObject({
      host: 'a',
      kex: expect.stringContaining('curve25519'),
      cipher: 'aes128-gcm@openssh.com',
    });
  });

  it('closes the connection that has been idle longest where too many would be open, and opens it again when needed', async () => {
    const others = await Promise.all([1, 2, 3].map((last) => startSshd({ address: `127.0.0.${last + 1}` })));
    try {
      const transport = open({ mostOpen: 2 });
      const connections = [];
      for (const [index, other] of others.entries()) {
        connections.push(await transport.connect(other.spec(`h${index}`), { signal: never }));
      }
      expect(transport.openCount).toBe(2);
      const all = await Promise.all(
        connections.map((each) => each.run(script('echo $SSH_CONNECTION'), quick)),
      );
      expect(all.map(({ stdout }) => stdout.split(' ')[2])).toEqual(['127.0.0.2', '127.0.0.3', '127.0.0.4']);
      expect(transport.openCount).toBe(2);
    } finally {
      for (const other of others) await other[Symbol.asyncDispose]();
    }
  });

  it('opens nothing after an abort', async () => {
    const aborted = AbortSignal.abort(new Error('no'));
    await expect(open().connect(sshd.spec('a'), { signal: aborted })).rejects.toThrow('no');
  });

  describe('with a server that allows few sessions', () => {
    let strict: TestSshd;
    beforeAll(async () => {
      strict = await startSshd({ config: ['MaxSessions 2'] });
    });
    afterAll(() => strict?.[Symbol.asyncDispose]());

    it('learns how many there may be, and queues the rest', async () => {
      const connection = await open().connect(strict.spec('a'), { signal: never });
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, index) => connection.run(sh`sleep 0.05; echo ${index}`, quick)),
      );
      expect(results.map(({ stdout }) => Number(stdout))).toEqual([...Array(12).keys()]);
    });
  });

  describe('with a login script that prints', () => {
    let noisy: TestSshd;
    beforeAll(async () => {
      noisy = await startSshd({ config: ['SetEnv BASH_ENV=/nonexistent', 'Banner /etc/hostname'] });
    });
    afterAll(() => noisy?.[Symbol.asyncDispose]());

    it('keeps a banner out of the output', async () => {
      const connection = await open().connect(noisy.spec('a'), { signal: never });
      expect(await connection.run(script('echo x'), quick)).toMatchObject({ stdout: 'x\n', stderr: '' });
    });
  });

  afterEach(() => expect(sshd.log()).not.toContain('fatal'));
});
