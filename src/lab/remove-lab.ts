/** Removes what there is of a lab, whole or half, living or dead. */
import { rm } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { acquireLease } from '../store/lease.ts';
import { killGroup } from './control-group.ts';
import type { LabFolders } from './folders.ts';

/**
 * Kills every process of the lab by its control group, so that no pid can be mistaken; with the supervisor go mounts,
 * interfaces and namespaces. Then removes the group and the folder. Nothing happens where there is nothing.
 * The caller holds the lab's lease.
 * @throws LabError `lab/still-alive`
 */
export async function removeLab(folders: LabFolders, clock: Clock): Promise<void> {
  await killGroup(folders.cgroup, clock);
  await rm(folders.folder, { recursive: true, force: true });
}

/**
 * The same, with the lease.
 * @throws StoreError `store/held` while somebody works on the lab
 */
export async function takeDown(folders: LabFolders, clock: Clock): Promise<void> {
  await using _lease = await acquireLease(folders.lease, 'holdfast lab down', { clock });
  await removeLab(folders, clock);
}
