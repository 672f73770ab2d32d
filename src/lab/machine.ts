/** One host of a lab: its container, on and off. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { groupFolder, killGroup, makeGroup } from './control-group.ts';
import type { LabFolders } from './folders.ts';
import { USER_SCRIPT } from './host-files.ts';
import { keyFiles } from './keys.ts';
import { insideLab } from './namespaces.ts';
import type { HostRecord, LabRecord } from './record.ts';
import { mustRun } from './run-command.ts';

/** The bridge of every lab, in the lab's network namespace. */
export const BRIDGE = 'lab0';

/** Joins the host's control group, then runs the rest in the lab: mounts the disk unless it is, and boots. */
const JOIN = 'for file in $1; do echo 0 >"$file" || exit 1; done; shift; exec "$@"';
const MOUNT = `
root=$1 image=$2 disk=$3
mountpoint -q "$root" ||
  mount -t overlay overlay -o "lowerdir=$image,upperdir=$disk/upper,workdir=$disk/work" "$root"
`;
const BOOT = 'console=$1; shift; exec setsid --fork "$@" </dev/null >>"$console" 2>&1';

/** The control group of a host, relative to a hierarchy. */
export function hostGroup(folders: LabFolders, host: string): string {
  return join(folders.cgroup, host);
}

/** Mounts a host's disk, makes its user, and starts its container; resolves before the host has booted. */
export async function startHost(
  folders: LabFolders,
  record: LabRecord,
  host: HostRecord,
  signal?: AbortSignal,
): Promise<void> {
  const own = folders.host(host.name);
  const pid = record.supervisor.pid;
  const o = signal === undefined ? {} : { signal };
  await mustRun(insideLab(pid, ['sh', '-ec', MOUNT, 'sh', own.root, record.image, own.disk]), o);
  if (host.user !== 'root') {
    const stdin = await readFile(keyFiles(folders.keys).sudoPassword, 'utf8');
    const argv = ['sh', '-c', USER_SCRIPT, 'sh', own.root, host.user, host.sudo];
    await mustRun(insideLab(pid, argv), { ...o, stdin });
  }
  const group = hostGroup(folders, host.name);
  const joins = await makeGroup(group);
  await makeGroup(join(group, 'exec'));
  const boot = insideLab(pid, ['sh', '-c', BOOT, 'sh', own.console, ...containerCommand(own.root, host)]);
  await mustRun(['sh', '-c', JOIN, 'sh', joins.join(' '), ...boot], o);
}

/**
 * systemd-nspawn(1) without machined: nobody registers the container, and it stays in the group that it was started
 * in. `host0` is its end of the cable.
 */
function containerCommand(root: string, host: HostRecord): string[] {
  return [
    'systemd-nspawn',
    '--quiet',
    `--directory=${root}`,
    `--machine=${host.machine}`,
    `--hostname=${host.name}`,
    '--register=no',
    '--keep-unit',
    `--network-bridge=${BRIDGE}`,
    '--resolv-conf=off',
    '--timezone=off',
    '--link-journal=no',
    '--console=read-only',
    '--boot',
  ];
}

/** Kills all that runs on a host; its disk stays mounted. Does nothing where it is off. */
export async function cutPower(folders: LabFolders, host: string, clock: Clock): Promise<void> {
  await killGroup(hostGroup(folders, host), clock);
}

/** Unmounts the disk of a host that is off. */
export async function unmountDisk(folders: LabFolders, record: LabRecord, host: string): Promise<void> {
  const { root } = folders.host(host);
  const script = 'mountpoint -q "$1" || exit 0; exec umount --lazy "$1"';
  await mustRun(insideLab(record.supervisor.pid, ['sh', '-c', script, 'sh', root]));
}

/** The first process of a host as seen from here; undefined where it is off. */
export async function initOf(folders: LabFolders, host: string): Promise<number | undefined> {
  const payload = join(groupFolder(hostGroup(folders, host)), 'payload');
  // systemd moves itself to init.scope as soon as it runs.
  for (const group of [join(payload, 'init.scope'), payload]) {
    const text = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
    const [first] = text.split('\n');
    if (first !== undefined && first !== '') return Number(first);
  }
  return undefined;
}
