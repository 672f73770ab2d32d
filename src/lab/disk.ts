/**
 * Disks of hosts: what a host writes is kept in a folder above the read-only base image (overlayfs), so that a new disk
 * is an empty folder and a copy is as big as what was written.
 */
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../base/errors.ts';
import type { HostFolders } from './folders.ts';
import type { DiskFile } from './host-files.ts';
import { mustRun } from './run-command.ts';

/** Makes a new disk with these files; there must be none. */
export async function makeDisk(host: HostFolders, files: readonly DiskFile[]): Promise<void> {
  await makeFolders(host);
  const upper = join(host.disk, 'upper');
  // Before anything else, or its parents would be made with another mode.
  await mkdir(join(upper, 'root', '.ssh'), { recursive: true, mode: 0o700 });
  await chmod(upper, 0o755);
  for (const { path, content, mode } of files) {
    await mkdir(dirname(join(upper, path)), { recursive: true, mode: 0o755 });
    await writeFile(join(upper, path), content, { mode });
    await chmod(join(upper, path), mode);
  }
}

async function makeFolders(host: HostFolders): Promise<void> {
  for (const folder of [host.root, join(host.disk, 'upper'), join(host.disk, 'work')])
    await mkdir(folder, { recursive: true, mode: 0o755 });
}

/**
 * Takes a disk away. It is renamed first: the kernel may still hold the old one for a moment, and a new one must not be
 * the same folder.
 */
export async function removeDisk(host: HostFolders): Promise<void> {
  const aside = join(host.folder, `.removed-${randomUUID()}`);
  try {
    await rename(host.disk, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

/** Puts a copy of a kept disk in place; there must be none. Whiteouts and extended attributes are kept. */
export async function copyDisk(from: string, host: HostFolders, signal?: AbortSignal): Promise<void> {
  await mkdir(host.disk, { recursive: true, mode: 0o755 });
  const argv = ['cp', '-a', '--reflink=auto', from, join(host.disk, 'upper')];
  await mustRun(argv, { timeoutMs: 600_000, ...(signal === undefined ? {} : { signal }) });
  await makeFolders(host);
}
