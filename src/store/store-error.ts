import { HoldfastError, messageOf, systemCode } from '../base/errors.ts';
import type { storeErrors } from './error-codes.ts';

export type StoreErrorCode = keyof typeof storeErrors;

/** Something about the files that Holdfast keeps on its own machine: state, runs, journals, leases. */
export class StoreError extends HoldfastError<StoreErrorCode> {}

/**
 * Wraps what the file system threw, once, where it was met. A StoreError passes through as it is.
 * @param doing what was being done, e.g. `write the journal`
 */
export function wrapFileError(error: unknown, doing: string, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const { code, hint } = explain(systemCode(error));
  return new StoreError({
    code,
    message: `cannot ${doing}: ${path}`,
    expected: 'a file system that takes writes and keeps them',
    got: messageOf(error),
    hint,
    cause: error,
  });
}

function explain(code: string | undefined): { code: StoreErrorCode; hint: string } {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return {
        code: 'store/disk-full',
        hint: 'Free space on the disk of the state folder, then run `holdfast resume`: nothing was begun that is not in the journal.',
      };
    case 'EROFS':
      return {
        code: 'store/read-only',
        hint: 'The file system is mounted read-only: look for disk errors in `dmesg`, remount it, or point $HOLDFAST_STATE_DIR to another folder.',
      };
    case 'EACCES':
    case 'EPERM':
      return {
        code: 'store/no-permission',
        hint: 'Run as the user who owns the state folder, or point $HOLDFAST_STATE_DIR to a folder of your own.',
      };
    case 'ENOENT':
    case 'ENOTDIR':
      return { code: 'store/io', hint: 'Make the folder first, or name another one.' };
    default:
      return {
        code: 'store/io',
        hint: 'Check the disk under the state folder (`dmesg`, `df`), then run `holdfast resume`.',
      };
  }
}
