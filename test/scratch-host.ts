/**
 * A host for tests that may break: this machine, with a folder of its own. In a namespace (root only) it also has its
 * own /run, /etc and network, and stand-ins for programs that this machine lacks come first in its PATH.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../src/base/clock.ts';
import { SystemClock } from '../src/base/clock.ts';
import { openFiles } from '../src/hosts/files.ts';
import type { AtomicFiles, Connection, RunOptions } from '../src/hosts/host.ts';
import { controllerSpec, localTransport } from '../src/hosts/local.ts';
import { type Command, sh } from '../src/hosts/shell.ts';
import { HastyClock } from './hasty-clock.ts';

/** A /run of its own, and an /etc that begins as this machine's and keeps its changes to itself. */
const MOUNTS = `set -e; mount -t tmpfs none /run; mkdir /run/etc-up /run/etc-work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/etc-up,workdir=/run/etc-work /etc`;

export const isRoot = process.getuid?.() === 0;

/** Why a namespace cannot be had here, or undefined. */
export const namespaceMissing: string | undefined = findNamespaceMissing();

function findNamespaceMissing(): string | undefined {
  if (!isRoot) return 'needs root for namespaces';
  const { status } = spawnSync('unshare', ['-m', '-n', '--propagation', 'private', 'sh', '-c', MOUNTS]);
  return status === 0 ? undefined : 'needs namespaces and mounts, which this machine does not allow';
}

export interface ScratchHost extends Connection {
  /** Removed at the end. */
  readonly folder: string;
  readonly clock: Clock;
}

export interface ScratchOptions {
  readonly namespace?: boolean;
  /** Programs of this machine that the host is not to have; in a namespace only. */
  readonly without?: readonly string[];
  /** Names of programs in `test/stand-ins`. */
  readonly standIns?: readonly string[];
}

/** Opens one. Dispose it to end and remove everything. */
export async function scratchHost(o: ScratchOptions = {}): Promise<ScratchHost> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-scratch-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of o.standIns ?? []) {
    copyFileSync(join(import.meta.dirname, 'stand-ins', name), join(bin, name));
    chmodSync(join(bin, name), 0o755);
  }
  const namespace = o.namespace === true ? await openNamespace(o.without ?? []) : undefined;
  const local = await localTransport({ clock: new SystemClock(), env: process.env }).connect(
    controllerSpec('tester'),
    { signal: new AbortController().signal },
  );
  const enter = ({ text }: Command): Command => {
    const inner = sh`PATH=${bin}:"$PATH" exec sh -c ${text}`;
    return namespace === undefined
      ? inner
      : sh`exec nsenter -t ${namespace.pid ?? 0} -m -n sh -c ${inner.text}`;
  };
  // Who is not root has no root here either; what needs it is left out by the worlds.
  const run = (command: Command, { as: _as, ...rest }: RunOptions) => local.run(enter(command), rest);
  return {
    host: 'scratch',
    folder,
    clock: new HastyClock(),
    run,
    files: namespace === undefined ? local.files : filesThrough(run),
    async [Symbol.asyncDispose]() {
      namespace?.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The same files as a transport has them, over commands in the namespace; content must be UTF-8. */
function filesThrough(run: Connection['run']): AtomicFiles {
  let nonce = 0;
  return openFiles(
    'scratch',
    async (command, options) => {
      const result = await run(command, options);
      return { ...result, stdout: Buffer.from(result.stdout), stderr: Buffer.from(result.stderr) };
    },
    () => (nonce++).toString(16).padStart(24, '0'),
  );
}

/** A process that does nothing but hold its namespaces open; our own /run and /etc are not touched. */
async function openNamespace(without: readonly string[]): Promise<ChildProcess> {
  const hide = without.map((path) => `[ ! -e ${path} ] || mount --bind /dev/null ${path}`);
  const setup = `${MOUNTS}; ${[...hide, 'echo ready'].join('; ')}; exec sleep 1000`;
  const child = spawn('unshare', ['-m', '-n', '--propagation', 'private', 'sh', '-c', setup], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  if (!said.toString().startsWith('ready')) throw new Error(`no namespace: ${said}`);
  return child;
}

/** Every path below a folder with type, mode, owner and content; times are left out. */
export function treeOf(
  folder: string,
  isLeftOut: (name: string) => boolean = () => false,
): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (isLeftOut(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode, uid, gid } = lstatSync(path);
    const content = entry.isFile() ? readFileSync(path, 'latin1') : '';
    tree[path.slice(folder.length + 1)] = `${mode.toString(8)} ${uid}:${gid} ${content}`;
  }
  return tree;
}
