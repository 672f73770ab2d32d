/** Snapshots: copies of all disks, taken while all hosts stand still, so that they are of one moment. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { groupFolder, isFrozen, isPopulated } from './control-group.ts';
import { copyDisk } from './disk.ts';
import { checkName, type LabFolders } from './folders.ts';
import { LabError } from './lab-error.ts';
import { hostGroup } from './machine.ts';
import { insideLab } from './namespaces.ts';
import type { HostRecord, LabRecord } from './record.ts';
import { mustRun } from './run-command.ts';

const LIMIT_MS = 600_000;

/**
 * Pauses, copies, lets go on. In a session of its own: when Holdfast is killed meanwhile it still comes to its end, and
 * no host stays paused. Arguments: where to; the groups of hosts to pause, a line each; then the hosts' folders.
 */
const COPY = `
to=$1 groups=$2; shift 2
let_go() { for group in $groups; do echo 0 >"$group/cgroup.freeze"; done; }
trap let_go EXIT
for group in $groups; do echo 1 >"$group/cgroup.freeze"; done
for group in $groups; do until grep -q '^frozen 1' "$group/cgroup.events"; do sleep 0.01; done; done
for host in "$@"; do cp -a "$host/disk/upper" "$to/$(basename "$host")"; done
`;

/**
 * Keeps the disks as they would be after a power cut now (what was written counts, flushed or not).
 * @throws LabError `lab/snapshot-exists`, `lab/bad-name`
 */
export async function takeSnapshot(folders: LabFolders, record: LabRecord, name: string): Promise<void> {
  checkName(name);
  const path = join(folders.snapshots, name);
  if (existsSync(path)) throw snapshotExists(name);
  const partial = join(folders.snapshots, `.partial-${name}`);
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  const moving = await movingGroups(folders, record);
  const hosts = record.hosts.map((host) => folders.host(host.name).folder);
  try {
    const argv = ['sh', '-ec', COPY, 'sh', partial, moving.join('\n'), ...hosts];
    await mustRun(insideLab(record.supervisor.pid, argv), { timeoutMs: LIMIT_MS });
  } catch (error) {
    // A copy that took too long was killed, and could let nobody go on.
    await Promise.allSettled(moving.map(async (group) => await writeFile(join(group, 'cgroup.freeze'), '0')));
    throw error;
  }
  await rename(partial, path);
}

/** The groups of hosts that are on. One that was paused before stands still already, and stays paused. */
async function movingGroups(folders: LabFolders, record: LabRecord): Promise<string[]> {
  const moving: string[] = [];
  for (const { name } of record.hosts) {
    const group = hostGroup(folders, name);
    if ((await isPopulated(group)) && !(await isFrozen(group))) moving.push(groupFolder(group));
  }
  return moving;
}

/**
 * What makes each host's disk from a snapshot.
 * @throws LabError `lab/no-such-snapshot`
 */
export async function diskFromSnapshot(
  folders: LabFolders,
  record: LabRecord,
  name: string,
): Promise<(host: HostRecord) => Promise<void>> {
  checkName(name);
  const path = join(folders.snapshots, name);
  if (!existsSync(path)) throw noSnapshot(name, await listSnapshots(folders));
  return async (host) =>
    await copyDisk(record.supervisor.pid, join(path, host.name), folders.host(host.name));
}

/** Names of the whole snapshots. */
export async function listSnapshots(folders: LabFolders): Promise<string[]> {
  const names = await readdir(folders.snapshots).catch(() => []);
  return names.filter((name) => !name.startsWith('.')).sort();
}

function snapshotExists(name: string): LabError {
  return new LabError({
    code: 'lab/snapshot-exists',
    message: `there is a snapshot '${name}' already`,
    expected: 'a new name',
    got: name,
    hint: 'Choose another name.',
  });
}

function noSnapshot(name: string, known: readonly string[]): LabError {
  return new LabError({
    code: 'lab/no-such-snapshot',
    message: `there is no snapshot '${name}'`,
    expected: known.length === 0 ? 'a snapshot, and the lab has none' : `one of ${known.join(', ')}`,
    got: name,
    hint: known.length === 0 ? "Take one with 'holdfast lab snapshot NAME'." : 'Name one of these.',
  });
}
