/**
 * A network segment for tests of addresses that move: a bridge in a network namespace of its own, and hosts on it,
 * each with its own network, processes, /run, /etc and /var/lib. Nothing of it is seen from outside, and all of it
 * ends with the process that holds it. Root only.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../src/base/clock.ts';
import type { Connection } from '../src/hosts/host.ts';
import { localTransport } from '../src/hosts/local.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { localHost } from './driver-world.ts';
import { namespaceMissing } from './scratch-host.ts';

const PROGRAMS = ['/usr/sbin/keepalived', '/usr/sbin/haproxy', '/usr/sbin/nginx', '/usr/bin/socat'];

/** Why such a segment cannot be had here, or undefined. */
export const segmentMissing: string | undefined =
  namespaceMissing ??
  (PROGRAMS.every((path) => existsSync(path))
    ? undefined
    : 'no keepalived, haproxy, nginx and socat here (Debian packages of these names)');

export interface SegmentHost {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly connection: Connection;
  /** Its init, as this machine sees it. */
  readonly pid: number;
  /** Runs a shell line in it; its standard output, whatever the exit code. */
  shell(line: string): string;
  /** A daemon in it; it ends with the host at the latest. Its pid is that of `nsenter`, not its own. */
  start(file: string, args: readonly string[], ready: RegExp): Promise<Daemon>;
  /** Takes its port of the bridge down: as if the cable were cut. */
  cutOff(): void;
  plugIn(): void;
}

export interface Segment extends AsyncDisposable {
  host(name: string): SegmentHost;
}

const HOLD = `set -e
read -r pid rest </proc/self/stat
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
for name in etc var/lib; do
  mkdir -p "/run/own/$name/up" "/run/own/$name/work"
  mount -t overlay overlay -o "lowerdir=/$name,upperdir=/run/own/$name/up,workdir=/run/own/$name/work" "/$name"
done
rm -rf /var/lib/holdfast /etc/keepalived /etc/haproxy/holdfast.d
mkdir -p /etc/keepalived
ip link set lo up
hostname "$1"
echo "ready $pid"
while :; do sleep 86400 & wait $!; done`;

/** @param hosts by name: addresses with the length of their prefix, e.g. `198.18.9.1/24` */
export async function openSegment(hosts: Readonly<Record<string, readonly string[]>>): Promise<Segment> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-segment-'));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const hold = async (name: string): Promise<number> => {
    const { child, pid } = await openNamespaces(name);
    opened.defer(() => end(child));
    return pid;
  };
  const bridge = await hold('segment');
  inside(bridge, 'ip link add br0 type bridge && ip link set br0 up');
  const made = new Map<string, SegmentHost>();
  for (const [name, addresses] of Object.entries(hosts)) {
    const pid = await hold(name);
    const port = `p${made.size}`;
    plug(bridge, port, pid);
    inside(pid, addresses.map((one) => `ip addr add ${one} dev eth0 nodad`).join('; '));
    inside(pid, 'ip link set eth0 up');
    made.set(name, await makeHost({ name, pid, bridge, port, addresses, folder }));
  }
  const running = opened.move();
  return {
    host(name) {
      const host = made.get(name);
      if (host === undefined) throw new Error(`the segment has no ${name}`);
      return host;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** A pool over the hosts of a segment; others are not to be reached. */
export function segmentPool(segment: Segment) {
  return {
    connect: async (name: string) => segment.host(name).connection,
    controller: () => {
      throw new Error('these tests have no controller');
    },
    async [Symbol.asyncDispose]() {},
  };
}

interface HostParts {
  readonly name: string;
  readonly pid: number;
  readonly bridge: number;
  readonly port: string;
  readonly addresses: readonly string[];
  readonly folder: string;
}

/** The local transport finds an `sh` that enters the host first: so commands and files are the host's. */
async function makeHost({ name, pid, bridge, port, addresses, folder }: HostParts): Promise<SegmentHost> {
  const bin = join(folder, name);
  mkdirSync(bin);
  writeFileSync(join(bin, 'sh'), `#!/bin/sh\nexec nsenter -t ${pid} -m -n -p -u /bin/sh "$@"\n`);
  chmodSync(join(bin, 'sh'), 0o755);
  const transport = localTransport({
    clock: new SystemClock(),
    env: { PATH: `${bin}:/usr/sbin:/usr/bin:/bin` },
  });
  const signal = new AbortController().signal;
  const connection = await transport.connect(localHost(name, addresses[0]?.split('/')[0]), { signal });
  return {
    name,
    pid,
    connection,
    addresses: addresses.map((one) => one.split('/')[0] as string),
    shell: (line) => inside(pid, `${line} || :`),
    start: (file, args, ready) =>
      startDaemon('nsenter', ['-t', String(pid), '-m', '-n', '-p', '-u', file, ...args], ready),
    cutOff: () => void inside(bridge, `ip link set ${port} down`),
    plugIn: () => void inside(bridge, `ip link set ${port} up`),
  };
}

async function openNamespaces(name: string): Promise<{ child: ChildProcess; pid: number }> {
  const args = ['--pid', '--fork', '--kill-child=SIGKILL', '--mount', '--net', '--uts', '--ipc'];
  const child = spawn('unshare', [...args, '--propagation', 'private', 'sh', '-c', HOLD, 'sh', name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  const pid = /^ready (\d+)/.exec(said.toString())?.[1];
  if (pid === undefined) throw new Error(`no namespaces for ${name}: ${said}`);
  return { child, pid: Number(pid) };
}

function inside(pid: number, line: string): string {
  const args = ['-t', String(pid), '-m', '-n', '-p', '-u', 'sh', '-c', line];
  return execFileSync('nsenter', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Outside of the process namespaces, where the pid of the host means something. */
function plug(bridge: number, port: string, host: number): void {
  const line = `ip link add ${port} type veth peer name eth0 netns ${host} && ip link set ${port} master br0 up`;
  execFileSync('nsenter', ['-t', String(bridge), '-n', 'sh', '-c', line]);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
