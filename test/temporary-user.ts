/** A user of this machine that exists for one test only. Needs root, useradd and, for sudo, /etc/sudoers.d. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

/** Why such tests must be skipped here, or undefined. */
export const userMissing: string | undefined =
  process.getuid?.() !== 0
    ? 'needs root, to create a user'
    : existsSync('/usr/sbin/useradd') && existsSync('/usr/bin/sudo')
      ? undefined
      : 'no useradd or no sudo here';

export interface TemporaryUser extends Disposable {
  readonly name: string;
  readonly password: string;
}

/**
 * Creates it with a password and a home folder.
 * @param sudoers what follows the name in sudoers: `ALL=(ALL) NOPASSWD:ALL`; absent: no sudo
 * @param defaults for a `Defaults:USER` line: `requiretty`
 */
export function temporaryUser(o: { sudoers?: string; defaults?: string } = {}): TemporaryUser {
  const name = `hf${randomBytes(4).toString('hex')}`;
  const password = `pw ${randomBytes(6).toString('hex')}'$`;
  const sudoers = `/etc/sudoers.d/${name}`;
  execFileSync('useradd', ['--create-home', '--shell', '/bin/sh', name]);
  execFileSync('chpasswd', [], { input: `${name}:${password}\n` });
  if (o.sudoers !== undefined) {
    const lines = [
      `${name} ${o.sudoers}`,
      ...(o.defaults === undefined ? [] : [`Defaults:${name} ${o.defaults}`]),
    ];
    writeFileSync(sudoers, `${lines.join('\n')}\n`, { mode: 0o440 });
  }
  return {
    name,
    password,
    [Symbol.dispose]() {
      rmSync(sudoers, { force: true });
      try {
        execFileSync('pkill', ['-KILL', '-u', name]);
      } catch {
        // It runs nothing.
      }
      execFileSync('userdel', ['--force', '--remove', name], { stdio: 'ignore' });
    },
  };
}
