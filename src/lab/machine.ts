/** One host of a lab: its container, on and off. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { groupFolder, joinFiles, killGroup } from './control-group.ts';
import type { LabFolders } from './folders.ts';
import { USER_SCRIPT } from './host-files.ts';
import { keyFiles } from './keys.ts';
import { insideLab } from './namespaces.ts';
import type { HostRecord, LabRecord } from './record.ts';
import { mustRun } from './run-command.ts';

/** The bridge of every lab, in the lab's network namespace. */
export const BRIDGE = 'lab0';

/** Mounts the disk unless it is. */
const MOUNT = `
mountpoint -q "$root" ||
  mount -t overlay overlay -o "lowerdir=$image,upperdir=$disk/upper,workdir=$disk/work" "$root"
`;
const MOUNT_ONLY = `root=$1 image=$2 disk=$3${MOUNT}`;

/**
 * Boots the host unless it is on; two at once make one boot. The cable of a host that was killed may be there for a
 * moment, and is in the way of a new one.
 */
const BOOT = `
group=$1 joins=$2 root=$3 image=$4 disk=$5 console=$6 cable=$7; shift 7
exec 9>>"$console"; flock 9
if grep -q '^populated 1' "$group/cgroup.events" 2>/dev/null; then exit 0; fi
${MOUNT}
ip link delete "$cable" 2>/dev/null || :
for file in $joins; do mkdir -p "\${file%/*}/exec"; done
for file in $joins; do echo 0 >"$file"; done
exec setsid --fork "$@" </dev/null >>"$console" 2>&1 9>&-
`;

/** The control group of a host, relative to a hierarchy. */
export function hostGroup(folders: LabFolders, host: string): string {
  return join(folders.cgroup, host);
}

/** The control group of what belongs to the lab and to no host. */
export function supervisorGroup(folders: LabFolders): string {
  return join(folders.cgroup, '_supervisor');
}

/** Where the cable of a host ends: its port of the bridge. */
export function cableOf(host: HostRecord): string {
  return `vb-${host.machine}`;
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
  if (host.user !== 'root') {
    await mustRun(insideLab(pid, ['sh', '-ec', MOUNT_ONLY, 'sh', own.root, record.image, own.disk]), o);
    const stdin = await readFile(keyFiles(folders.keys).sudoPassword, 'utf8');
    const argv = ['sh', '-c', USER_SCRIPT, 'sh', own.root, host.user, host.sudo];
    await mustRun(insideLab(pid, argv), { ...o, stdin });
  }
  await mustRun(insideLab(pid, bootCommand(folders, record, host)), o);
}

/** The command line that boots a host with the disk that it has, run in the lab; does nothing where it is on. */
export function bootCommand(folders: LabFolders, record: LabRecord, host: HostRecord): string[] {
  const own = folders.host(host.name);
  const group = hostGroup(folders, host.name);
  const joins = joinFiles(group).join(' ');
  const places = [groupFolder(group), joins, own.root, record.image, own.disk, own.console, cableOf(host)];
  return ['sh', '-ec', BOOT, 'sh', ...places, ...containerCommand(own.root, host)];
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
