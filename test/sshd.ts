/**
 * A real sshd on a loopback port, with keys of its own in a folder of its own, for tests. As root it lets in any user
 * whose key is given; otherwise only the one who runs the test.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { HostSpec } from '../src/site/model.ts';

const SSHD = '/usr/sbin/sshd';

/** Why tests with a real sshd must be skipped here, or undefined. */
export const sshdMissing: string | undefined = existsSync(SSHD)
  ? undefined
  : 'no /usr/sbin/sshd here (Debian package openssh-server)';

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface SshdOptions {
  /** Loopback address to listen on. Default 127.0.0.1. */
  readonly address?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Default ed25519 only. */
  readonly hostKeys?: readonly KeyType[];
  /** More lines for sshd_config; they come first, and sshd takes the first value of a keyword. */
  readonly config?: readonly string[];
  /** User to log in as in `spec()`. Default: the one who runs the test. */
  readonly user?: string;
  /** Command that puts sshd into namespaces of its own and becomes it: `unshare -m sh -c '…; exec "$@"' sh`. */
  readonly within?: readonly string[];
}

export interface TestSshd extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  readonly user: string;
  readonly folder: string;
  /** Private key that may log in. */
  readonly identity: string;
  /** known_hosts with this server's keys, under `[address]:port`. */
  readonly knownHosts: string;
  /** Public host keys, as `ssh-ed25519 AAAA…`, in the order asked for. */
  readonly hostKeys: readonly string[];
  /** What sshd has logged so far. */
  log(): string;
  /** A HostSpec that reaches it. */
  spec(name: string, overrides?: Partial<HostSpec>): HostSpec;
  /** Pids of the processes that serve connections now. */
  sessions(): number[];
}

/** Starts it and waits until it listens. Dispose it to stop it and remove its folder. */
export async function startSshd(o: SshdOptions = {}): Promise<TestSshd> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-sshd-'));
  chmodSync(folder, 0o755); // other users' sshd processes read authorized_keys here
  const address = o.address ?? '127.0.0.1';
  const port = o.port ?? (await freePort(address));
  const hostKeys = (o.hostKeys ?? ['ed25519']).map((type) => makeKey(folder, `host_${type}`, type));
  const identity = makeKey(folder, 'id_user', 'ed25519').file;
  const user = o.user ?? userInfo().username;
  writeFileSync(join(folder, 'authorized_keys'), readFileSync(`${identity}.pub`), { mode: 0o644 });
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(knownHosts, hostKeys.map((key) => `[${address}]:${port} ${key.line}\n`).join(''));
  const config = join(folder, 'sshd_config');
  writeFileSync(config, configText(o, folder, address, port, hostKeys));
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const { child, log } = await launch(config, o.within ?? []);
  const listener = listenerOf(child.pid as number);
  return {
    address,
    port,
    pid: listener,
    user,
    folder,
    identity,
    knownHosts,
    hostKeys: hostKeys.map((key) => key.line),
    log,
    spec: (name, overrides = {}) => ({
      name,
      address,
      addresses: [address],
      transport: 'ssh',
      port,
      user,
      identities: [identity],
      sudo: 'none',
      jump: [],
      knownHosts: [knownHosts],
      labels: {},
      ...overrides,
    }),
    sessions: () => sessionsOf(listener),
    async [Symbol.asyncDispose]() {
      const pids = childrenOf(listener);
      for (const pid of [...pids.flatMap(childrenOf), ...pids]) kill(pid);
      await stop(child, listener);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Makes a key pair without a passphrase unless one is given. @returns the private key's file and the public line */
export function makeKey(
  folder: string,
  name: string,
  type: KeyType = 'ed25519',
  passphrase = '',
): { file: string; line: string } {
  const file = join(folder, name);
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, '-N', passphrase, '-C', name, '-f', file]);
  return { file, line: readFileSync(`${file}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ') };
}

/** A TCP port that was free a moment ago. */
export function freePort(address = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, address, () => {
      const bound = server.address();
      server.close(() => resolve((bound as { port: number }).port));
    });
  });
}

function configText(
  o: SshdOptions,
  folder: string,
  address: string,
  port: number,
  hostKeys: readonly { file: string }[],
): string {
  return [
    ...(o.config ?? []),
    `ListenAddress ${address.includes(':') ? `[${address}]` : address}:${port}`,
    ...hostKeys.map((key) => `HostKey ${key.file}`),
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    `PidFile ${join(folder, 'sshd.pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    'MaxStartups 1000',
    'UseDNS no',
    'LogLevel VERBOSE',
    // The shell of whoever runs the tests may do much at login, and wait for locks that a killed session left.
    ...(o.user === undefined ? [`SetEnv HOME=${folder}`] : []),
    '',
  ].join('\n');
}

async function launch(
  config: string,
  within: readonly string[],
): Promise<{ child: ChildProcess; log: () => string }> {
  const [program = SSHD, ...args] = [...within, SSHD, '-D', '-e', '-f', config];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('Server listening on')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`sshd ended with ${code}: ${text}`)));
  });
  return { child, log: () => text };
}

/** Reads /proc/PID/stat of every process for its parent (proc(5), field 4). */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** For a user who is not root there are two a connection: the monitor, and its child that holds the socket. */
function sessionsOf(listener: number): number[] {
  const monitors = childrenOf(listener);
  return [...monitors, ...monitors.flatMap(childrenOf)].filter(isSshd);
}

function isSshd(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('sshd');
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** What put sshd into a process namespace of its own waits above it. */
function listenerOf(pid: number): number {
  return isSshd(pid) ? pid : (childrenOf(pid).find(isSshd) ?? pid);
}

async function stop(child: ChildProcess, listener: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  process.kill(listener, 'SIGTERM');
  await gone;
}
