/** For tests only: real DNS servers of Debian on loopback, each in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../../base/clock.ts';
import { resolve } from '../resolve.ts';

export interface Daemon extends AsyncDisposable {
  readonly port: number;
  readonly folder: string;
  /** What it has printed so far. */
  output(): string;
  /** Sends a signal, e.g. SIGHUP. */
  signal(name: NodeJS.Signals): void;
}

/** A port that is free for UDP and TCP on 127.0.0.1 now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = createSocket('udp4');
    const isFree = await new Promise<boolean>((done) => {
      socket.once('error', () => done(false));
      socket.bind(port, '127.0.0.1', () => done(true));
    });
    socket.close();
    server.close();
    await once(server, 'close');
    if (isFree) return port;
  }
}

/** A folder that the daemon's own user can use. */
export function daemonFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `holdfast-${name}-`));
}

/**
 * Starts a daemon in the foreground and waits until it answers for `zone`.
 * @throws Error with its output where it ends, or does not answer in 15 s
 */
export async function startDaemon(o: {
  command: string;
  args: readonly string[];
  folder: string;
  port: number;
  /** Asked for its SOA; undefined for a daemon that is ready once it prints `ready`. */
  zone: string;
}): Promise<Daemon> {
  const child = spawn(o.command, o.args, { cwd: o.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(o.folder, { recursive: true, force: true });
  };
  try {
    await waitUntil(`${o.command} answers`, async () => {
      if (child.exitCode !== null) throw new Error(`${o.command} ended:\n${output}`);
      return hasAnswer(o.port, o.zone);
    });
  } catch (error) {
    await stop();
    throw new Error(`${o.command} did not start:\n${output}`, { cause: error });
  }
  return {
    port: o.port,
    folder: o.folder,
    output: () => output,
    signal: (name) => child.kill(name),
    [Symbol.asyncDispose]: stop,
  };
}

/** Polls until `isTrue`, at most 15 s. */
export async function waitUntil(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const clock = new SystemClock();
  const endMs = clock.monotonicMs() + 15_000;
  while (!(await isTrue())) {
    if (clock.monotonicMs() > endMs) throw new Error(`waited 15 s in vain until ${what}`);
    await clock.sleep(50);
  }
}

async function hasAnswer(port: number, zone: string): Promise<boolean> {
  try {
    const { rcode } = await resolve({
      servers: [{ address: '127.0.0.1', port }],
      name: zone,
      type: 'SOA',
      timeoutMs: 300,
      tries: 1,
      clock: new SystemClock(),
      signal: new AbortController().signal,
      random: Math.random,
    });
    return rcode === 'NOERROR';
  } catch {
    return false;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
