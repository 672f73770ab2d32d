/** The way to a host: jump hosts, and what happens when the way breaks. Against real sshd. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clock, never, quick, type SshRig, sshRig } from '../../test/ssh-rig.ts';
import { freePort, sshdMissing, startSshd, type TestSshd } from '../../test/sshd.ts';
import { until } from '../../test/until.ts';
import { script, sh } from './shell.ts';

const which = sshdMissing ?? 'real sshd';

describe.skipIf(sshdMissing)(`jump hosts (${which})`, () => {
  let first: TestSshd;
  let second: TestSshd;
  let target: TestSshd;
  let shut: TestSshd;
  let rig: SshRig;
  beforeAll(async () => {
    [first, second, target, shut] = await Promise.all([
      startSshd({ address: '127.0.0.2' }),
      startSshd({ address: '127.0.0.3' }),
      startSshd({ address: '127.0.0.4' }),
      startSshd({ address: '127.0.0.5', config: ['AllowTcpForwarding no'] }),
    ]);
    rig = sshRig(first.folder);
  });
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]();
    for (const sshd of [first, second, target, shut]) await sshd?.[Symbol.asyncDispose]();
  });

  it('goes through one, and through several in order', async () => {
    const site = [first.spec('j1'), second.spec('j2')];
    for (const [jump, from] of [
      [['j1'], '127.0.0.2'],
      [['j1', 'j2'], '127.0.0.3'],
      [['j2', 'j1'], '127.0.0.2'],
    ] as const) {
      const host = await rig.open({ site }).connect(target.spec('t', { jump }), { signal: never });
      expect((await host.run(script('echo $SSH_CONNECTION'), quick)).stdout.split(' ')[2]).toBe('127.0.0.4');
      // A forwarded connection comes from the jump host's own address, chosen by its kernel.
      expect(from).toMatch(/^127\.0\.0\.[23]$/);
    }
    expect(second.log()).toContain('Accepted publickey');
  });

  it('follows the jump hosts of the first jump host', async () => {
    const site = [first.spec('j1'), second.spec('j2', { jump: ['j1'] })];
    const transport = rig.open({ site });
    const host = await transport.connect(target.spec('t', { jump: ['j2'] }), { signal: never });
    expect((await host.run(script('echo in'), quick)).stdout).toBe('in\n');
    expect(transport.openCount).toBe(3);
  });

  it('shares a jump host among all behind it, and closes it with the last', async () => {
    const transport = rig.open({ site: [first.spec('j1')] });
    const logins = (): number => first.log().match(/Accepted publickey/g)?.length ?? 0;
    const before = logins();
    const sessionsBefore = first.sessions().length;
    const hosts = await Promise.all(
      [target.spec('a', { jump: ['j1'] }), second.spec('b', { jump: ['j1'] })].map((spec) =>
        transport.connect(spec, { signal: never }),
      ),
    );
    expect([transport.openCount, logins() - before]).toEqual([3, 1]);
    for (const host of hosts) await host[Symbol.asyncDispose]();
    expect(transport.openCount).toBe(0);
    await until(() => first.sessions().length === sessionsBefore);
  });

  it('says which hop has failed, and seen from where', async () => {
    const closed = await freePort('127.0.0.4');
    const site = [
      first.spec('j1'),
      shut.spec('shut'),
      second.spec('j2', { hostKey: target.hostKeys[0] as string }),
    ];
    const fail = (spec: Parameters<ReturnType<SshRig['open']>['connect']>[0]): Promise<unknown> =>
      rig
        .open({ site })
        .connect(spec, { signal: never })
        .catch((error) => error);
    expect(await fail(target.spec('t', { jump: ['j1'], port: closed }))).toMatchObject({
      code: 'host/refused',
      where: { host: 't' },
      message: expect.stringContaining('seen from j1'),
    });
    expect(await fail(target.spec('t', { jump: ['shut'] }))).toMatchObject({
      code: 'host/refused',
      where: { host: 't' },
      hint: expect.stringContaining('AllowTcpForwarding'),
    });
    expect(await fail(target.spec('t', { jump: ['j2'] }))).toMatchObject({
      code: 'host/key-changed',
      where: { host: 'j2' },
    });
    expect(await fail(target.spec('t', { jump: ['j3'] }))).toMatchObject({
      code: 'host/unknown-name',
      got: 'j3',
    });
    expect(await fail(target.spec('t', { jump: ['t'] }))).toMatchObject({ code: 'host/unknown-name' });
  });

  it('refuses a circle', async () => {
    const site = [first.spec('j1', { jump: ['j2'] }), second.spec('j2', { jump: ['j1'] })];
    await expect(
      rig.open({ site }).connect(target.spec('t', { jump: ['j1'] }), { signal: never }),
    ).rejects.toMatchObject({
      code: 'host/jump-loop',
      got: 't → j1 → j2 → j1',
    });
  });

  it('takes ProxyJump from ~/.ssh/config where the site file names no way', async () => {
    const home = join(first.folder, 'proxy');
    mkdirSync(join(home, '.ssh'), { recursive: true });
    writeFileSync(
      join(home, '.ssh/config'),
      `Host 127.0.0.4\n  ProxyJump ${first.user}@bastion\nHost bastion\n  HostName 127.0.0.2\n  Port ${first.port}\n  IdentityFile ${first.identity}\n  UserKnownHostsFile ${first.knownHosts}\n`,
    );
    const transport = rig.open({ env: { HOME: home } });
    const host = await transport.connect(target.spec('t', { implied: ['jump'] }), { signal: never });
    expect((await host.run(script('echo in'), quick)).stdout).toBe('in\n');
    expect(transport.openCount).toBe(2);
  });

  it('comes back after the jump host has been cut off', async () => {
    const transport = rig.open({ site: [first.spec('j1')] });
    const host = await transport.connect(target.spec('t', { jump: ['j1'] }), { signal: never });
    const started = (): number => target.log().match(/Starting session/g)?.length ?? 0;
    const before = started();
    const lost = host.run(script('sleep 60'), quick).catch((error) => error);
    await until(() => started() > before);
    for (const pid of first.sessions()) process.kill(pid, 'SIGKILL');
    expect(await lost).toMatchObject({ code: 'host/lost', where: { host: 't' } });
    expect((await host.run(script('echo back'), quick)).stdout).toBe('back\n');
  });
});

describe.skipIf(sshdMissing)(`a connection that is lost (${which})`, () => {
  let sshd: TestSshd;
  let rig: SshRig;
  beforeEach(async () => {
    sshd = await startSshd();
    rig = sshRig(sshd.folder);
  });
  afterEach(async () => {
    await rig?.[Symbol.asyncDispose]();
    await sshd?.[Symbol.asyncDispose]();
  });

  it('fails what was under way, naming it unknown, and is opened again for the next command', async () => {
    const host = await rig.open().connect(sshd.spec('a'), { signal: never });
    const under = Array.from({ length: 10 }, () =>
      host.run(script('sleep 60'), { ...quick, timeoutMs: 3_000 }).catch((error) => error),
    );
    await until(() => sshd.log().match(/Starting session: command/g)?.length === 8);
    for (const pid of sshd.sessions()) process.kill(pid, 'SIGKILL');
    const errors = await Promise.all(under);
    const lost = errors.filter((error) => error?.code === 'host/lost');
    // Two were still waiting for a session: they run on the new connection, where their time limit is theirs alone.
    expect(lost.length).toBeGreaterThanOrEqual(8);
    expect(lost[0]).toMatchObject({ retryable: true, got: expect.stringContaining('not known') });
    expect((await host.run(script('echo back'), quick)).stdout).toBe('back\n');
  });

  it('is noticed by keepalives where the server is frozen', async () => {
    const host = await rig.open({ keepaliveMs: 100 }).connect(sshd.spec('a'), { signal: never });
    const work = host.run(script('sleep 60'), quick).catch((error) => error);
    await until(() => sshd.log().includes('Starting session'));
    const pids = sshd.sessions();
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      expect(await work).toMatchObject({ code: 'host/lost' });
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGKILL');
    }
  });

  it('is opened again where it died while nobody looked', async () => {
    const host = await rig.open().connect(sshd.spec('a'), { signal: never });
    for (const pid of sshd.sessions()) process.kill(pid, 'SIGKILL');
    expect((await host.run(script('echo back'), quick)).stdout).toBe('back\n');
  });

  it('leaves the old file where it broke in the middle of a replacement', async () => {
    const path = join(sshd.folder, 'file');
    writeFileSync(path, 'old');
    const host = await rig.open().connect(sshd.spec('a'), { signal: never });
    const big = Buffer.alloc(64 * 1024 * 1024, 'x');
    const work = host.files.replace(path, big, {}, never).catch((error) => error);
    await until(() => sshd.log().includes('Starting session'));
    for (const pid of sshd.sessions()) process.kill(pid, 'SIGKILL');
    expect(await work).toMatchObject({ code: 'host/lost' });
    await until(async () => {
      const { stdout } = await host.run(sh`ls -A ${sshd.folder}`, quick);
      return !stdout.includes('.holdfast-');
    });
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('says that the host is gone where it does not come back', async () => {
    const host = await rig.open().connect(sshd.spec('a'), { signal: never });
    await sshd[Symbol.asyncDispose]();
    await expect(host.run(script('echo x'), quick)).rejects.toMatchObject({
      code: expect.stringMatching(/^host\//),
      retryable: true,
    });
    await expect(host.run(script('echo x'), quick)).rejects.toMatchObject({ code: 'host/refused' });
  });

  it('does not outlive the transport', async () => {
    const transport = rig.open();
    const host = await transport.connect(sshd.spec('a'), { signal: never });
    const work = host.run(script('sleep 60'), quick).catch((error) => error);
    await until(() => sshd.log().includes('Starting session'));
    await transport[Symbol.asyncDispose]();
    expect(await work).toMatchObject({ code: 'host/lost' });
    expect(transport.openCount).toBe(0);
    expect(clock.monotonicMs()).toBeGreaterThan(0);
  });
});
