/** Becoming root, with a real sshd, a real user and a real sudo. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { never, quick, type SshRig, sshRig } from '../../test/ssh-rig.ts';
import { sshdMissing, startSshd, type TestSshd } from '../../test/sshd.ts';
import { type TemporaryUser, temporaryUser, userMissing } from '../../test/temporary-user.ts';
import { until } from '../../test/until.ts';
import { Secret } from '../base/secret.ts';
import type { HostSpec } from '../site/model.ts';
import type { Connection } from './host.ts';
import { script, sh } from './shell.ts';

const missing = sshdMissing ?? userMissing;
const root = { ...quick, as: 'root' } as const;

describe.skipIf(missing)(`becoming root (${missing ?? 'real sshd, user and sudo'})`, () => {
  const users: Record<string, TemporaryUser> = {};
  let sshd: TestSshd;
  let rig: SshRig;
  beforeAll(async () => {
    users.free = temporaryUser({ sudoers: 'ALL=(ALL) NOPASSWD:ALL' });
    users.asked = temporaryUser({ sudoers: 'ALL=(ALL) ALL' });
    users.pty = temporaryUser({ sudoers: 'ALL=(ALL) NOPASSWD:ALL', defaults: 'use_pty' });
    users.tty = temporaryUser({ sudoers: 'ALL=(ALL) NOPASSWD:ALL', defaults: 'requiretty' });
    users.nobody = temporaryUser();
    sshd = await startSshd();
    rig = sshRig(sshd.folder);
  });
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]();
    await sshd?.[Symbol.asyncDispose]();
    for (const user of Object.values(users)) user[Symbol.dispose]();
  });

  const connect = (
    name: string,
    sudo: HostSpec['sudo'],
    password = users[name]?.password ?? '',
  ): Promise<Connection> =>
    rig
      .open({ secrets: { SUDO: password } })
      .connect(sshd.spec('a', { user: users[name]?.name as string, sudo }), { signal: never });
  const withPassword = { password: 'env:SUDO' } as const;

  describe('without a password', () => {
    it('sees the end of a hundred commands that are over at once', async () => {
      // A login shell as quick as dash is what it takes: exit and close then come with the answer to the request.
      const host = await connect('free', 'nopasswd');
      for (let turn = 0; turn < 100; turn++) {
        expect(await host.run(sh`echo ${turn}; exit 4`, quick)).toMatchObject({
          code: 4,
          stdout: `${turn}\n`,
        });
      }
    });

    it('runs as root only what is to run as root', async () => {
      const host = await connect('free', 'nopasswd');
      expect((await host.run(script('id -un'), root)).stdout).toBe('root\n');
      expect((await host.run(script('id -un'), quick)).stdout).toBe(`${users.free?.name}\n`);
    });

    it('keeps input, outputs and exit code, and the words as they are', async () => {
      const host = await connect('free', 'nopasswd');
      const word = `it's "$x" \\ \`id\``;
      const result = await host.run(sh`cat; printf '%s' ${word} >&2; exit 6`, { ...root, stdin: 'in\n' });
      expect(result).toMatchObject({ code: 6, stdout: 'in\n', stderr: word });
    });

    it('owns files as root does', async () => {
      const host = await connect('free', 'nopasswd');
      const path = join(sshd.folder, 'root-file');
      await host.files.replace(path, new Secret('env:X', 'hush'), { mode: 0o600 }, never);
      expect([statSync(path).uid, statSync(path).mode & 0o777, readFileSync(path, 'utf8')]).toEqual([
        0,
        0o600,
        'hush',
      ]);
      expect(Buffer.from((await host.files.read(path, never)) as Uint8Array).toString()).toBe('hush');
      await host.files.remove(path, never);
      expect(existsSync(path)).toBe(false);
    });

    it.each(['free', 'pty'])('kills what root runs, and what that has started (%s)', async (name) => {
      const host = await connect(name, 'nopasswd');
      const pids = join(sshd.folder, `pids-${name}`);
      const work = host.run(sh`sleep 300 & echo $! $$ >${pids}; sleep 300`, { ...root, timeoutMs: 700 });
      await expect(work).rejects.toMatchObject({ code: 'host/timeout', got: 'it was still running' });
      const alive = readFileSync(pids, 'utf8')
        .trim()
        .split(' ')
        .filter((pid) => isAlive(Number(pid)));
      expect(alive).toEqual([]);
    });
  });

  describe('with a password', () => {
    it('gives it to sudo, and nothing of it to the command', async () => {
      const host = await connect('asked', withPassword);
      const result = await host.run(script('id -un; cat'), { ...root, stdin: 'the input' });
      expect(result).toMatchObject({ code: 0, stdout: 'root\nthe input', stderr: '' });
    });

    it('gives nothing where sudo does not ask, so that the command does not read the password', async () => {
      const host = await connect('free', withPassword);
      const result = await host.run(script('cat'), { ...root, stdin: 'the input' });
      expect(result).toMatchObject({ stdout: 'the input', stderr: '' });
    });

    it('replaces files and gathers output in parallel', async () => {
      const host = await connect('asked', withPassword);
      await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          host.files.replace(join(sshd.folder, `p${index}`), Buffer.from(`content ${index}`), {}, never),
        ),
      );
      expect(readFileSync(join(sshd.folder, 'p5'), 'utf8')).toBe('content 5');
    });

    it('is seen in no process list while the command runs', async () => {
      const host = await connect('asked', withPassword);
      const { stdout } = await host.run(
        script("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'"),
        root,
      );
      expect(stdout).toContain('hf-begin-');
      expect(stdout).not.toContain(users.asked?.password);
    });

    it('says that the password is wrong, after one try', async () => {
      const host = await connect('asked', withPassword, 'wrong');
      const error = await host.run(script('id'), root).catch((caught) => caught);
      expect(error).toMatchObject({
        code: 'host/sudo-refused',
        where: { host: 'a' },
        got: expect.stringContaining('env:SUDO'),
      });
      await until(() => true);
    });

    it('kills what root runs', async () => {
      const host = await connect('asked', withPassword);
      const pids = join(sshd.folder, 'pids-asked');
      await expect(
        host.run(sh`echo $$ >${pids}; sleep 300`, { ...root, timeoutMs: 700 }),
      ).rejects.toMatchObject({
        code: 'host/timeout',
      });
      expect(isAlive(Number(readFileSync(pids, 'utf8')))).toBe(false);
    });
  });

  describe('where it is refused', () => {
    const refused = async (name: string, sudo: HostSpec['sudo']): Promise<unknown> =>
      (await connect(name, sudo)).run(script('id'), root).catch((error) => error);

    it('says that a password is needed and how to give it', async () => {
      expect(await refused('asked', 'nopasswd')).toMatchObject({
        code: 'host/sudo-refused',
        got: expect.stringContaining('password'),
        hint: expect.stringContaining('env:NAME'),
      });
    });

    it('says that the user may not', async () => {
      expect(await refused('nobody', withPassword)).toMatchObject({
        code: 'host/sudo-refused',
        got: 'the user may not use sudo for this',
      });
    });

    it('says that sudo wants a terminal, and the line that mends it', async () => {
      expect(await refused('tty', 'nopasswd')).toMatchObject({
        code: 'host/sudo-refused',
        got: expect.stringContaining('requiretty'),
        hint: expect.stringContaining('!requiretty'),
      });
    });

    it('says that the site file does not allow it, without asking the host', async () => {
      const host = await connect('free', 'none');
      expect(host.mayBeRoot).toBe(false);
      await expect(host.run(script('id'), root)).rejects.toMatchObject({
        code: 'host/sudo-refused',
        hint: expect.stringContaining('sudo: nopasswd'),
      });
    });

    it("uses the user's own files then, and says what the user may not", async () => {
      const host = await connect('nobody', 'none');
      const own = `/home/${users.nobody?.name}/file`;
      await host.files.replace(own, Buffer.from('x'), {}, never);
      expect(await host.files.stat(own, never)).toMatchObject({ owner: users.nobody?.name });
      await expect(
        host.files.replace('/etc/holdfast-test', Buffer.from('x'), {}, never),
      ).rejects.toMatchObject({
        code: 'host/no-permission',
        hint: expect.stringContaining('sudo:'),
      });
      await expect(host.files.read('/etc/shadow', never)).rejects.toMatchObject({
        code: 'host/no-permission',
      });
    });
  });
});

function isAlive(pid: number): boolean {
  try {
    // A zombie waits for its parent only: it runs no more.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
