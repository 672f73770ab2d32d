/** Whether the disk of the cache has room, and whether we may write there: asked before anything is fetched. */
import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { messageOf, systemCode } from '../../base/errors.ts';
import { BuildError } from './build-error.ts';

const GIB = 1024 ** 3;

/**
 * Makes the folder, 0755: what is in it is no secret, and lab hosts read it.
 * @throws BuildError `lab-build/no-permission`
 */
export async function makeCacheFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    await access(folder, constants.W_OK);
  } catch (cause) {
    if (systemCode(cause) === 'ENOSPC') throw noSpace(folder, 0, 1);
    throw new BuildError({
      code: 'lab-build/no-permission',
      message: `cannot write to ${folder}`,
      expected: 'a folder that this user may write to',
      got: messageOf(cause),
      hint: 'Run it as root, or set HOLDFAST_CACHE to a folder of your own.',
      cause,
    });
  }
}

/** @throws BuildError `lab-build/no-space` where less is free than needed */
export async function checkSpace(folder: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < neededBytes) throw noSpace(folder, bavail * bsize, neededBytes);
}

function noSpace(folder: string, freeBytes: number, neededBytes: number): BuildError {
  return new BuildError({
    code: 'lab-build/no-space',
    message: `not enough space below ${folder}`,
    expected: `${(neededBytes / GIB).toFixed(1)} GiB free`,
    got: `${(freeBytes / GIB).toFixed(1)} GiB free`,
    hint: 'Free space on that disk, or set HOLDFAST_CACHE to a folder on a larger one.',
  });
}
