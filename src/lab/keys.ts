/** The lab's keys: one for the operator, one for each host, made once and kept over `reset`. */

import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostRecord } from './record.ts';
import { mustRun } from './run-command.ts';

/** Files of the lab's `keys` folder. */
export interface KeyFiles {
  readonly identity: string;
  readonly knownHosts: string;
  readonly sshConfig: string;
  /** The password of users that the site makes root by sudo with a password: the lab's own, never the site's. */
  readonly sudoPassword: string;
  hostKey(host: string): string;
}

export function keyFiles(keys: string): KeyFiles {
  return {
    identity: join(keys, 'operator'),
    knownHosts: join(keys, 'known_hosts'),
    sshConfig: join(keys, 'ssh_config'),
    sudoPassword: join(keys, 'sudo-password'),
    hostKey: (host) => join(keys, 'hosts', host),
  };
}

/** Makes all keys, known_hosts and an ssh_config(5) that knows the hosts by name and by address. */
export async function makeKeys(
  keys: string,
  hosts: readonly HostRecord[],
  signal?: AbortSignal,
): Promise<void> {
  const files = keyFiles(keys);
  await mkdir(join(keys, 'hosts'), { recursive: true, mode: 0o700 });
  await writeFile(files.sudoPassword, `${randomBytes(12).toString('hex')}\n`, { mode: 0o600 });
  await makeKey(files.identity, 'holdfast lab operator', signal);
  for (const { name } of hosts) await makeKey(files.hostKey(name), name, signal);
  const known = await Promise.all(
    hosts.map(async (host) => knownHostsLine(host, await publicKey(files.hostKey(host.name)))),
  );
  await writeFile(files.knownHosts, known.join(''), { mode: 0o600 });
  await writeFile(files.sshConfig, sshConfig(files, hosts), { mode: 0o600 });
}

/** `ssh-ed25519 AAAA…` of a private key file. */
export async function publicKey(path: string): Promise<string> {
  return (await readFile(`${path}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ').trim();
}

async function makeKey(path: string, comment: string, signal?: AbortSignal): Promise<void> {
  const argv = ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path];
  await mustRun(argv, signal === undefined ? {} : { signal });
}

/** known_hosts names an address on another port `[address]:port` (sshd(8)). */
function knownHostsLine(host: HostRecord, key: string): string {
  const names = host.addresses.map(({ address }) =>
    host.port === 22 ? address : `[${address}]:${host.port}`,
  );
  return `${names.join(',')} ${key}\n`;
}

function sshConfig(files: KeyFiles, hosts: readonly HostRecord[]): string {
  const blocks = hosts.map(({ name, addresses, port, user }) => {
    const [first] = addresses;
    return `Host ${[name, ...addresses.map(({ address }) => address)].join(' ')}
  HostKeyAlias ${port === 22 ? first?.address : `[${first?.address}]:${port}`}
  Port ${port}
  User ${user}

Host ${name}
  HostName ${first?.address}
`;
  });
  return `${blocks.join('\n')}
Host *
  IdentityFile ${files.identity}
  IdentitiesOnly yes
  UserKnownHostsFile ${files.knownHosts}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  KexAlgorithms curve25519-sha256
  LogLevel ERROR
`;
}
