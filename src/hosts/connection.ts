/** A Connection made from a way to start processes: what both transports have in common. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { throwIfAborted } from '../base/interrupt.ts';
import type { Secret } from '../base/secret.ts';
import type { HostSpec } from '../site/model.ts';
import type { SecretRef } from '../site/secret-ref.ts';
import { type Elevation, type Envelope, killGroup, wrap } from './envelope.ts';
import { exchange, type RawResult, type Running } from './exchange.ts';
import { openFiles } from './files.ts';
import type { Connection, RunOptions } from './host.ts';
import { HostError } from './host-error.ts';
import type { Command } from './shell.ts';

/**
 * Starts one process on the host; `urgent` ones do not queue (they kill others).
 * @throws HostError where it cannot
 */
export type ProcessStarter = (
  envelope: Envelope,
  o: { signal: AbortSignal; urgent: boolean },
) => Promise<Running>;

export interface ConnectionParts {
  readonly host: HostSpec;
  /** Whether the user we run as is root already. */
  readonly isRoot: boolean;
  readonly clock: Clock;
  readonly start: ProcessStarter;
  readonly secret?: (reference: SecretRef) => Promise<Secret>;
  /** Bytes that nobody can guess; node's own unless a test fixes them. */
  readonly random?: (size: number) => Uint8Array;
  readonly close?: () => Promise<void>;
}

/** The most a command may print on one output unless it says otherwise. */
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Longer than the script's own two seconds of patience. */
const KILL_TIMEOUT_MS = 4_000;

/** Builds the Connection. Its files are root's where the host's `sudo` allows, else the user's own. */
export function openConnection(parts: ConnectionParts): Connection {
  const { host, isRoot } = parts;
  const random = parts.random ?? randomBytes;
  const nonce = (): string => Buffer.from(random(12)).toString('hex');

  const runRaw = async (command: Command, o: RunOptions, urgent = false): Promise<RawResult> => {
    throwIfAborted(o.signal);
    const elevation = elevationOf(host, isRoot, o.as);
    const envelope = wrap(command, elevation, nonce());
    const sudoPassword = elevation === 'sudo-ask' ? await sudoPasswordOf(parts) : undefined;
    const running = await parts.start(envelope, { signal: o.signal, urgent });
    return exchange(running, {
      host: host.name,
      clock: parts.clock,
      envelope,
      timeoutMs: o.timeoutMs,
      signal: o.signal,
      stdin: o.stdin,
      stdoutTo: o.stdoutTo,
      sudoPassword,
      maxOutputBytes: MOST_OUTPUT_BYTES,
      killGroup: (group) => kill(group, o.as),
    });
  };

  /** Under a signal of its own: the abort that asks for the kill must not stop it. */
  const kill = async (group: number, as: 'root' | undefined): Promise<void> => {
    const signal = new AbortController().signal;
    await runRaw(killGroup(group), { timeoutMs: KILL_TIMEOUT_MS, signal, ...(as ? { as } : {}) }, true);
  };

  const asRoot = isRoot || host.sudo !== 'none';
  return {
    host: host.name,
    mayBeRoot: asRoot,
    async run(command, o) {
      const { stdout, stderr, ...rest } = await runRaw(command, o);
      return { ...rest, stdout: stdout.toString(), stderr: stderr.toString() };
    },
    files: openFiles(host.name, (command, o) => runRaw(command, asRoot ? { ...o, as: 'root' } : o), nonce),
    async [Symbol.asyncDispose]() {
      await parts.close?.();
    },
  };
}

function elevationOf(host: HostSpec, isRoot: boolean, as: 'root' | undefined): Elevation {
  if (as === undefined || isRoot) return 'none';
  if (host.sudo === 'nopasswd') return 'sudo';
  if (host.sudo !== 'none') return 'sudo-ask';
  throw new HostError({
    code: 'host/sudo-refused',
    host: host.name,
    message: 'cannot become root',
    expected: 'a user who is root or may use sudo',
    got: `user '${host.user}' and \`sudo: none\` in the site file`,
    hint: 'Set `sudo: nopasswd` or `sudo: {password: env:NAME}` for the host, or log in as root.',
  });
}

async function sudoPasswordOf({ host, secret }: ConnectionParts): Promise<Secret | undefined> {
  return typeof host.sudo === 'object' ? secret?.(host.sudo.password) : undefined;
}
