/** Base images of earlier lists of packages, a gigabyte each, that no lab stands on any more. */
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { acquireLease } from '../store/lease.ts';
import { baseImagePath, LEASE } from './base-image.ts';

/**
 * Removes every image but today's and those on which hosts of any lab of this machine stand, as the kernel's own list
 * of mounts has them.
 * @returns the folders that are gone
 * @throws StoreError `store/held` while an image is being built
 */
export async function removeOldImages(cache: string, clock: Clock): Promise<string[]> {
  await using _lease = await acquireLease(join(cache, LEASE), 'removing old base images', { clock });
  const current = await baseImagePath(cache);
  const mounts = await allMounts();
  const images = (await readdir(cache))
    .filter((name) => name.startsWith('base-'))
    .map((name) => join(cache, name));
  const old = images.filter((image) => image !== current && !mounts.includes(`lowerdir=${image},`));
  for (const image of old) {
    // Out of sight first: half an image must never be taken for a whole one.
    const aside = join(cache, '.removed');
    await rm(aside, { recursive: true, force: true });
    await rename(image, aside);
    await rm(aside, { recursive: true, force: true });
  }
  return old;
}

/** What is mounted in any mount namespace: labs mount in their own. */
async function allMounts(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(
    // A process may end while it is looked at: its mounts are those of another one, or gone.
    pids.map(async (pid) => await readFile(join('/proc', pid, 'mountinfo'), 'utf8').catch(() => '')),
  );
  return texts.join('\n');
}
