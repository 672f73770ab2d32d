/**
 * Control groups: what runs on a lab host is in its group or below, whatever it forks, so that a group can be listed,
 * paused and killed whole (cgroups(7)). Paths are relative to the hierarchy, e.g. `holdfast/mine/db1`.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { systemCode } from '../base/errors.ts';
import { LabError } from './lab-error.ts';

const MOUNT = '/sys/fs/cgroup';
const POLL_MS = 10;
const KILL_LIMIT_MS = 15_000;

/** The cgroup v2 hierarchy: the only one, or the one that systemd mounts beside version 1; undefined without one. */
export function unifiedHierarchy(): string | undefined {
  return [MOUNT, join(MOUNT, 'unified')].find((path) => existsSync(join(path, 'cgroup.controllers')));
}

/** Every hierarchy in which a container has a group: v2, and version 1's `name=systemd` where it is mounted. */
function hierarchies(): string[] {
  const unified = unifiedHierarchy() ?? MOUNT;
  return unified === MOUNT ? [MOUNT] : [unified, join(MOUNT, 'systemd')].filter((path) => existsSync(path));
}

/** The folder of a group in the v2 hierarchy. */
export function groupFolder(group: string): string {
  return join(unifiedHierarchy() ?? MOUNT, group);
}

/** The `cgroup.procs` files of a group: who writes 0 into each has joined it. The group need not be there. */
export function joinFiles(group: string): readonly string[] {
  return hierarchies().map((hierarchy) => join(hierarchy, group, 'cgroup.procs'));
}

/** Makes a group and gives the files by which it is joined. */
export async function makeGroup(group: string): Promise<readonly string[]> {
  const files = joinFiles(group);
  for (const file of files) await mkdir(dirname(file), { recursive: true });
  return files;
}

/** Pids in the group and below, as seen from here. */
export async function pidsOf(group: string): Promise<number[]> {
  const folders = await below(groupFolder(group));
  const texts = await Promise.all(folders.map((folder) => readIfThere(join(folder, 'cgroup.procs'))));
  return texts.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map(Number),
  );
}

/** Whether anything lives in the group or below. */
export async function isPopulated(group: string): Promise<boolean> {
  return /^populated 1$/m.test(await readIfThere(join(groupFolder(group), 'cgroup.events')));
}

/** Whether the group was paused. */
export async function isFrozen(group: string): Promise<boolean> {
  return (await readIfThere(join(groupFolder(group), 'cgroup.freeze'))).trim() === '1';
}

/**
 * Kills everything in the group and below at once, paused or not, and removes the group everywhere. Does nothing where
 * there is none.
 * @throws LabError `lab/still-alive` where the kernel does not let go of a process
 */
export async function killGroup(group: string, clock: Clock): Promise<void> {
  const deadline = clock.monotonicMs() + KILL_LIMIT_MS;
  while (await isPopulated(group)) {
    await writeFile(join(groupFolder(group), 'cgroup.kill'), '1').catch(ignoreMissing);
    if (clock.monotonicMs() > deadline) throw stillAlive(group, await pidsOf(group));
    await clock.sleep(POLL_MS);
  }
  for (const hierarchy of hierarchies()) {
    const folder = join(hierarchy, group);
    for (const inner of (await below(folder)).reverse()) await removeFolder(inner, deadline, clock);
    if (dirname(group) !== '.') await rmdir(dirname(folder)).catch(() => {}); // Others may be in it: then it stays.
  }
}

/** A group is busy for a moment after its last process has ended. */
async function removeFolder(folder: string, deadline: number, clock: Clock): Promise<void> {
  for (;;) {
    try {
      return await rmdir(folder);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      if (systemCode(error) !== 'EBUSY' || clock.monotonicMs() > deadline) throw error;
    }
    await clock.sleep(POLL_MS);
  }
}

/** The folder and all below it, parents first; empty where it is not there. */
async function below(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [];
  const inner = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => below(join(folder, entry.name))),
  );
  return [folder, ...inner.flat()];
}

async function readIfThere(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    // A group may go between being listed and being read (ENODEV: while it goes).
    if (['ENOENT', 'ENODEV'].includes(systemCode(error) ?? '')) return '';
    throw error;
  });
}

function ignoreMissing(error: unknown): void {
  if (!['ENOENT', 'ENODEV'].includes(systemCode(error) ?? '')) throw error;
}

function stillAlive(group: string, pids: readonly number[]): LabError {
  return new LabError({
    code: 'lab/still-alive',
    message: `${pids.length} processes of ${group} do not end`,
    expected: `none left within ${KILL_LIMIT_MS} ms of being killed`,
    got: `pids ${pids.slice(0, 10).join(', ')}`,
    hint: `Look at them with 'ps -o pid,stat,wchan,cmd -p ${pids.slice(0, 10).join(',')}', then take the lab down again.`,
  });
}
