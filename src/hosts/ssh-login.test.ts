/** Who lets us in, against a real sshd: keys, agent, passwords, and what is said where nobody does. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clock, never, quick, type SshRig, sshRig } from '../../test/ssh-rig.ts';
import { freePort, makeKey, sshdMissing, startSshd, type TestSshd } from '../../test/sshd.ts';
import { type TemporaryUser, temporaryUser, userMissing } from '../../test/temporary-user.ts';
import { until } from '../../test/until.ts';
import { script } from './shell.ts';
import type { SshTransport } from './ssh.ts';

const whoami = async (
  transport: SshTransport,
  spec: Parameters<SshTransport['connect']>[0],
): Promise<string> => {
  const connection = await transport.connect(spec, { signal: never });
  return (await connection.run(script('id -un'), quick)).stdout.trim();
};

describe.skipIf(sshdMissing)(`logging in with keys (${sshdMissing ?? 'real sshd'})`, () => {
  let sshd: TestSshd;
  let rig: SshRig;
  let agent: ChildProcess;
  let socket: string;

  beforeAll(async () => {
    sshd = await startSshd();
    rig = sshRig(sshd.folder);
    socket = join(sshd.folder, 'agent');
    agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    await until(() => {
      try {
        execFileSync('ssh-add', ['-q', sshd.identity], {
          env: { ...process.env, SSH_AUTH_SOCK: socket },
          stdio: 'ignore',
        });
        return true;
      } catch {
        return false;
      }
    });
  });
  afterAll(async () => {
    agent?.kill();
    await rig?.[Symbol.asyncDispose]();
    await sshd?.[Symbol.asyncDispose]();
  });

  it('tries several keys until one fits', async () => {
    const wrong = makeKey(sshd.folder, 'wrong').file;
    expect(await whoami(rig.open(), sshd.spec('a', { identities: [wrong, sshd.identity] }))).toBe(sshd.user);
  });

  it.each(['rsa', 'ecdsa', 'ed25519'] as const)('signs with an %s key', async (type) => {
    const key = makeKey(sshd.folder, `own_${type}`, type);
    writeFileSync(join(sshd.folder, 'authorized_keys'), `${key.line}\n`, { flag: 'a' });
    expect(await whoami(rig.open(), sshd.spec('a', { identities: [key.file] }))).toBe(sshd.user);
  });

  it('opens an encrypted key with a passphrase by reference, once for many hosts', async () => {
    const key = makeKey(sshd.folder, 'encrypted', 'ed25519', 'open sesame');
    writeFileSync(join(sshd.folder, 'authorized_keys'), `${key.line}\n`, { flag: 'a' });
    const transport = rig.open({ secrets: { PHRASE: 'open sesame' } });
    const spec = (name: string) => sshd.spec(name, { identities: [key.file], passphrase: 'env:PHRASE' });
    expect(await Promise.all(['a', 'b', 'c'].map((name) => whoami(transport, spec(name))))).toEqual(
      Array(3).fill(sshd.user),
    );
  });

  it('says what is wrong with keys that cannot be used', async () => {
    const encrypted = makeKey(sshd.folder, 'encrypted2', 'ed25519', 'open sesame').file;
    const open = makeKey(sshd.folder, 'open').file;
    chmodSync(open, 0o644);
    const rubbish = join(sshd.folder, 'rubbish');
    writeFileSync(rubbish, 'not a key', { mode: 0o600 });
    const absent = join(sshd.folder, 'absent');
    const fail = (identity: string, more = {}) =>
      rig
        .open({ secrets: { PHRASE: 'wrong' } })
        .connect(sshd.spec('a', { identities: [identity], ...more }), { signal: never })
        .catch((error) => error);
    expect(await fail(encrypted)).toMatchObject({
      code: 'host/auth-failed',
      got: expect.stringContaining('no passphrase'),
    });
    expect(await fail(encrypted, { passphrase: 'env:PHRASE' })).toMatchObject({
      got: expect.stringContaining('env:PHRASE does not open it'),
    });
    expect(await fail(open)).toMatchObject({
      got: expect.stringContaining('mode 644'),
      hint: expect.stringContaining('chmod 600'),
    });
    expect(await fail(rubbish)).toMatchObject({ got: expect.stringContaining(rubbish) });
    expect(await fail(absent)).toMatchObject({ got: expect.stringContaining('no such file') });
  });

  it('takes keys from an agent', async () => {
    const transport = rig.open({ env: { HOME: sshd.folder, USER: 'x', SSH_AUTH_SOCK: socket } });
    expect(await whoami(transport, sshd.spec('a', { identities: [] }))).toBe(sshd.user);
  });

  it('goes on without an agent that cannot be reached, and mentions it where nothing else helps', async () => {
    const transport = rig.open({ env: { HOME: sshd.folder, SSH_AUTH_SOCK: '/nonexistent/agent' } });
    expect(await whoami(transport, sshd.spec('a'))).toBe(sshd.user);
    await expect(
      transport.connect(sshd.spec('b', { identities: [], user: 'root' }), { signal: never }),
    ).rejects.toMatchObject({
      code: 'host/auth-failed',
      got: expect.stringContaining('agent: '),
    });
  });

  it('finds the default keys in ~/.ssh where nobody names any', async () => {
    const home = join(sshd.folder, 'home');
    mkdirSync(join(home, '.ssh'), { recursive: true });
    const key = makeKey(join(home, '.ssh'), 'id_ed25519');
    writeFileSync(join(sshd.folder, 'authorized_keys'), `${key.line}\n`, { flag: 'a' });
    expect(await whoami(rig.open({ env: { HOME: home } }), sshd.spec('a', { identities: [] }))).toBe(
      sshd.user,
    );
  });

  it('says which keys were tried, and what the server takes', async () => {
    const wrong = makeKey(sshd.folder, 'wrong2').file;
    await expect(
      rig.open().connect(sshd.spec('a', { identities: [wrong] }), { signal: never }),
    ).rejects.toMatchObject({
      code: 'host/auth-failed',
      where: { host: 'a' },
      got: expect.stringMatching(new RegExp(`tried key ${wrong}; the server takes publickey`)),
      hint: expect.stringContaining('authorized_keys'),
    });
  });

  it('says so where the server has had enough of keys', async () => {
    const wrong = Array.from({ length: 8 }, (_, index) => makeKey(sshd.folder, `many${index}`).file);
    await expect(
      rig.open().connect(sshd.spec('a', { identities: wrong }), { signal: never }),
    ).rejects.toMatchObject({
      code: 'host/auth-failed',
      got: expect.stringContaining('Too many authentication failures'),
    });
  });

  it('does as ~/.ssh/config says where the site file leaves it open, and no further', async () => {
    const home = join(sshd.folder, 'configured');
    mkdirSync(join(home, '.ssh'), { recursive: true });
    writeFileSync(
      join(home, '.ssh/config'),
      [
        'Include extra',
        'Host alias',
        `  HostName ${sshd.address}`,
        `  Port ${sshd.port}`,
        `  User ${sshd.user}`,
        `  UserKnownHostsFile ${sshd.knownHosts}`,
        'Host *',
        '  Port 1',
        '',
      ].join('\n'),
    );
    writeFileSync(join(home, '.ssh/extra'), `Host alias\n  IdentityFile ${sshd.identity}\n`);
    const bare = {
      address: 'alias',
      port: 22,
      user: 'somebody',
      identities: [],
      knownHosts: [],
      implied: ['port', 'user', 'identities', 'knownHosts', 'jump'] as const,
    };
    const transport = rig.open({ env: { HOME: home } });
    expect(await whoami(transport, sshd.spec('a', bare))).toBe(sshd.user);
    const said = sshd.spec('b', { ...bare, port: 2, implied: ['user', 'identities', 'knownHosts'] });
    await expect(transport.connect(said, { signal: never })).rejects.toMatchObject({
      code: 'host/refused',
      message: expect.stringContaining(`${sshd.address}:2 `),
    });
  });
});

describe.skipIf(sshdMissing ?? userMissing)(
  `logging in with a password (${sshdMissing ?? userMissing ?? 'real sshd and user'})`,
  () => {
    let user: TemporaryUser;
    let plain: TestSshd;
    let prompting: TestSshd;
    let both: TestSshd;
    let rig: SshRig;
    beforeAll(async () => {
      user = temporaryUser();
      const as = { user: user.name };
      plain = await startSshd({ ...as, config: ['PasswordAuthentication yes', 'PubkeyAuthentication no'] });
      prompting = await startSshd({
        ...as,
        config: ['UsePAM yes', 'KbdInteractiveAuthentication yes', 'PasswordAuthentication no'],
      });
      both = await startSshd({
        ...as,
        config: ['AuthenticationMethods publickey,password', 'PasswordAuthentication yes'],
      });
      rig = sshRig(plain.folder);
    });
    afterAll(async () => {
      await rig?.[Symbol.asyncDispose]();
      for (const sshd of [plain, prompting, both]) await sshd?.[Symbol.asyncDispose]();
      user?.[Symbol.dispose]();
    });
    const withPassword = { identities: [], password: 'env:PW' } as const;

    it('gives it by the password method', async () => {
      expect(await whoami(rig.open({ secrets: { PW: user.password } }), plain.spec('a', withPassword))).toBe(
        user.name,
      );
    });

    it('types it at the prompt of PAM', async () => {
      expect(
        await whoami(rig.open({ secrets: { PW: user.password } }), prompting.spec('a', withPassword)),
      ).toBe(user.name);
    });

    it('gives a key and then the password where the server wants both', async () => {
      const transport = rig.open({ secrets: { PW: user.password } });
      expect(await whoami(transport, both.spec('a', { password: 'env:PW' }))).toBe(user.name);
    });

    it('says that the password is wrong without saying it, and tries it once', async () => {
      const wrong = 'not the password';
      for (const sshd of [plain, prompting]) {
        const before = sshd.log().length;
        const error = await rig
          .open({ secrets: { PW: wrong } })
          .connect(sshd.spec('a', withPassword), { signal: never })
          .catch((caught) => caught);
        expect(error).toMatchObject({ code: 'host/auth-failed', got: expect.stringContaining('env:PW') });
        expect(JSON.stringify([error, error.message, error.got, String(error.stack)])).not.toContain(wrong);
        expect(
          sshd
            .log()
            .slice(before)
            .match(/Failed password|PAM: Authentication failure/g),
        ).toHaveLength(1);
      }
    });
  },
);

describe('a host that is not there', () => {
  const spec = (port: number, address = '127.0.0.1') => ({
    name: 'a',
    address,
    addresses: [address],
    transport: 'ssh' as const,
    port,
    user: 'root',
    identities: [],
    sudo: 'none' as const,
    jump: [],
    knownHosts: [],
    labels: {},
  });
  const rig = sshRig('/nonexistent');
  afterAll(() => rig[Symbol.asyncDispose]());
  const refusal = (port: number, o = {}, address?: string): Promise<unknown> =>
    rig
      .open(o)
      .connect(spec(port, address), { signal: never })
      .catch((error) => error);

  /** A server that does as told with each connection. */
  async function serve(onConnection: (socket: import('node:net').Socket) => void) {
    const sockets = new Set<import('node:net').Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      port: (server.address() as { port: number }).port,
      async [Symbol.asyncDispose]() {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  it('refuses where the port is closed', async () => {
    expect(await refusal(await freePort())).toMatchObject({
      code: 'host/refused',
      retryable: true,
      where: { host: 'a' },
    });
  });

  it('does not resolve', async () => {
    expect(await refusal(22, {}, 'no-such-host.invalid')).toMatchObject({ code: 'host/unknown-name' });
  });

  it('is silent: the time limit holds, and nothing stays open', async () => {
    let closed = false;
    await using server = await serve((socket) =>
      socket.resume().on('close', () => {
        closed = true;
      }),
    );
    const startedMs = clock.monotonicMs();
    expect(await refusal(server.port, { connectTimeoutMs: 200 })).toMatchObject({
      code: 'host/unreachable',
      got: expect.stringContaining('200 ms'),
    });
    expect(clock.monotonicMs() - startedMs).toBeGreaterThanOrEqual(190);
    await until(() => closed);
  });

  it('hangs up before it says a word', async () => {
    await using server = await serve((socket) => socket.destroy());
    expect(await refusal(server.port)).toMatchObject({ code: 'host/refused' });
  });

  it('speaks something else', async () => {
    await using server = await serve((socket) =>
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
    );
    expect(await refusal(server.port)).toMatchObject({
      code: expect.stringMatching(/^host\/(not-ssh|refused)$/),
    });
    await using old = await serve((socket) => socket.write('SSH-1.5-OpenSSH_1.2\r\n'));
    expect(await refusal(old.port)).toMatchObject({ code: 'host/not-ssh' });
  });

  it('can be left by the caller while it is silent', async () => {
    await using server = await serve(() => {});
    const controller = new AbortController();
    const work = rig.open().connect(spec(server.port), { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
  });
});
