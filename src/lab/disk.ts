/**
 * Disks of hosts: each is a file system of its own on a sparse image, so that it can be full while the machine's is not,
 * and is as big on the machine as what was written. What a host writes is kept there above the read-only base image
 * (overlayfs). It is mounted in the lab only, and vanishes with it.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HostFolders } from './folders.ts';
import type { DiskFile } from './host-files.ts';
import { insideLab, seenFromHere } from './namespaces.ts';
import { mustRun } from './run-command.ts';

const COPY_LIMIT_MS = 600_000;

/**
 * No journal: whatever happens to a lab, its disks are never mounted a second time. No blocks for root only, so that a
 * full disk is full for everybody. Tables that nothing uses are not written (`lazy_itable_init`, `noinit_itable`):
 * ext4(5), mkfs.ext4(8).
 */
const FORMAT = `
image=$1 disk=$2
truncate -s 16G "$image"
mkfs.ext4 -q -F -m 0 -O ^has_journal,^resize_inode -E lazy_itable_init=1,nodiscard "$image"
mount -o loop,noinit_itable "$image" "$disk"
mkdir "$disk/work"
`;

const REMOVE = `
image=$1 disk=$2 root=$3
for folder in "$root" "$disk"; do ! mountpoint -q "$folder" || umount --lazy "$folder"; done
rm -f "$image"
`;

/** Makes a new disk with these files; there must be none. @param supervisor of the lab, where it is mounted */
export async function makeDisk(
  supervisor: number,
  host: HostFolders,
  files: readonly DiskFile[],
): Promise<void> {
  await format(supervisor, host);
  const upper = seenFromHere(supervisor, join(host.disk, 'upper'));
  // Before anything else, or its parents would be made with another mode.
  await mkdir(join(upper, 'root', '.ssh'), { recursive: true, mode: 0o700 });
  await chmod(upper, 0o755);
  for (const { path, content, mode } of files) {
    await mkdir(dirname(join(upper, path)), { recursive: true, mode: 0o755 });
    await writeFile(join(upper, path), content, { mode });
    await chmod(join(upper, path), mode);
  }
}

/**
 * Takes the disk of a host that is off away. The kernel may hold it for a moment longer: it is no hindrance to a new
 * one, which is another image.
 */
export async function removeDisk(supervisor: number, host: HostFolders): Promise<void> {
  await mustRun(insideLab(supervisor, ['sh', '-ec', REMOVE, 'sh', host.image, host.disk, host.root]));
}

/** Puts a copy of a kept disk in place; there must be none. Whiteouts and extended attributes are kept. */
export async function copyDisk(supervisor: number, from: string, host: HostFolders): Promise<void> {
  await format(supervisor, host);
  const argv = insideLab(supervisor, ['cp', '-a', from, join(host.disk, 'upper')]);
  await mustRun(argv, { timeoutMs: COPY_LIMIT_MS });
}

async function format(supervisor: number, host: HostFolders): Promise<void> {
  for (const folder of [host.root, host.disk]) await mkdir(folder, { recursive: true, mode: 0o755 });
  await mustRun(insideLab(supervisor, ['sh', '-ec', FORMAT, 'sh', host.image, host.disk]));
}
