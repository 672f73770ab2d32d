/** The machine that Holdfast runs on, as a host: commands are child processes, each in a process group of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../base/clock.ts';
import { throwIfAborted } from '../base/interrupt.ts';
import type { Secret } from '../base/secret.ts';
import type { HostSpec } from '../site/model.ts';
import type { SecretRef } from '../site/secret-ref.ts';
import { openConnection, type ProcessStarter } from './connection.ts';
import { drain } from './drain.ts';
import type { Envelope } from './envelope.ts';
import type { Ending, Running } from './exchange.ts';
import type { Connection, Transport } from './host.ts';
import { HostError } from './host-error.ts';

export interface LocalOptions {
  readonly clock: Clock;
  /** Resolves `sudo.password` of the host, where one is set. */
  readonly secret?: (reference: SecretRef) => Promise<Secret>;
  /** What children see; only the names in KEPT are passed on, so that no secret in our environment leaks into them. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const KEPT = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TZ', 'XDG_RUNTIME_DIR'];

/** The local transport. `connect` opens nothing and cannot fail. */
export function localTransport(o: LocalOptions): Transport {
  return {
    name: 'local',
    async connect(host, { signal }) {
      throwIfAborted(signal);
      return openLocal(host, o);
    },
  };
}

/**
 * The machine itself, for `HostPool.controller()` and tests: what runs there runs as the user who runs Holdfast. A
 * site that wants more there names the machine as a host with `transport: local` and its `sudo`.
 */
export function controllerSpec(user: string): HostSpec {
  return {
    name: 'controller',
    address: '127.0.0.1',
    addresses: ['127.0.0.1'],
    transport: 'local',
    port: 22,
    user,
    identities: [],
    sudo: 'none',
    jump: [],
    knownHosts: [],
    labels: {},
  };
}

/** The local machine as a connection; opens nothing and cannot fail. */
export function openLocal(host: HostSpec, o: LocalOptions): Connection {
  const env = pickEnv(o.env ?? { PATH: '/usr/local/bin:/usr/bin:/bin' });
  const isRoot = process.getuid?.() === 0;
  const start: ProcessStarter = async (envelope) => startChild(host.name, envelope, env, o.clock);
  return openConnection({ host, isRoot, clock: o.clock, start, ...(o.secret ? { secret: o.secret } : {}) });
}

function pickEnv(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of KEPT) if (env[name] !== undefined) picked[name] = env[name];
  return picked;
}

function startChild(host: string, envelope: Envelope, env: Record<string, string>, clock: Clock): Running {
  const [file, ...args] = envelope.argv;
  const child = spawn(file, args, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended: endOf(host, child, clock),
    hangUp: () => hangUp(child),
    abandon() {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    },
  };
}

function endOf(host: string, child: ChildProcess, clock: Clock): Promise<Ending> {
  const cut = (): void => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const { ended, events, fail } = drain(clock, cut, () =>
    notStarted(host, new Error('it ended without an exit')),
  );
  child.on('error', (cause) => fail(notStarted(host, cause)));
  child.on('exit', events.exited);
  child.on('close', events.closed);
  return ended;
}

function hangUp(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already, or root's: then closing its pipes is all that is left.
  }
}

function notStarted(host: string, cause: Error): HostError {
  return new HostError({
    code: 'host/not-started',
    host,
    message: 'the command could not be started',
    expected: 'a POSIX shell named sh in PATH',
    got: cause.message,
    hint: 'Check PATH, and that processes and memory are to be had (`ulimit -u`, `free`).',
    cause,
  });
}
