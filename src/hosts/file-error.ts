/** What a failed file operation means; the texts are strerror(3)'s under LC_ALL=C, as coreutils, busybox and dash print them. */
import { HostError, type HostErrorCode } from './host-error.ts';
import { CUT_SHORT, LINK_LOOP, NO_FOLDER, NOT_A_FILE } from './replace-script.ts';

/** Exit code of our own scripts: there is no such file. */
export const EXISTS_NOT = 65;

interface Meaning {
  readonly code: HostErrorCode;
  readonly got: string;
  readonly hint: string;
  readonly retryable?: boolean;
}

const NO_SUCH_FOLDER: Meaning = {
  code: 'host/no-such-folder',
  got: 'its folder does not exist',
  hint: 'Make the folder first (a `directory` step), or check the path for a typing error.',
};
const BY_EXIT: Readonly<Record<number, Meaning>> = {
  [CUT_SHORT]: {
    code: 'host/cut-short',
    got: 'the content did not arrive whole; nothing was changed',
    hint: 'Try again; if it happens twice, look for a broken network path to the host.',
    retryable: true,
  },
  [NOT_A_FILE]: {
    code: 'host/not-a-file',
    got: 'something that is not a regular file is there',
    hint: 'Look at it with `ls -ld`, and move it away if it is not needed.',
  },
  [LINK_LOOP]: {
    code: 'host/not-a-file',
    got: 'a symbolic link that leads to itself',
    hint: 'Look at it with `ls -l`, and remove the link.',
  },
  [NO_FOLDER]: NO_SUCH_FOLDER,
};
const BY_TEXT: readonly (Meaning & { says: RegExp })[] = [
  {
    says: /No space left on device|Disk quota exceeded/,
    code: 'host/disk-full',
    got: 'no space left on the file system; the old file is untouched',
    hint: 'Free some space there: `df -h` and `df -i` on the path show what is used, quotas included.',
  },
  {
    says: /Read-only file system/,
    code: 'host/read-only',
    got: 'the file system is read-only',
    hint: 'If it should be writable, look in `dmesg` for why it was remounted; else choose another path.',
  },
  {
    says: /Permission denied|Operation not permitted/,
    code: 'host/no-permission',
    got: 'the user may not do this',
    hint: 'Let Holdfast become root there (`sudo:` in the site file). As root: look for `lsattr` +i, and SELinux in `ausearch -m avc`.',
  },
  {
    says: /invalid (user|group)|unknown user\/?(group)?|unknown group/,
    code: 'host/unknown-owner',
    got: 'the host does not know that user or group',
    hint: 'Create it first, or correct the name (`getent passwd`, `getent group`).',
  },
  {
    says: /Device or resource busy|Text file busy/,
    code: 'host/file-busy',
    got: 'it is a mount point of its own, or in use',
    hint: 'A file that a container runtime mounts (as /etc/hosts in a container) cannot be replaced: change it where it comes from.',
  },
  {
    says: /Directory not empty/,
    code: 'host/not-empty',
    got: 'the folder is not empty',
    hint: 'See what is in it; remove that first if nobody needs it.',
  },
  {
    says: /Is a directory|Not a directory/,
    code: 'host/not-a-file',
    got: 'a folder stands where a file was expected, or a file where a folder was',
    hint: 'Look at each part of the path with `ls -ld`.',
  },
  { says: /No such file or directory|Directory nonexistent|nonexistent directory/, ...NO_SUCH_FOLDER },
];

export type FileVerb = 'read' | 'stat' | 'replace' | 'remove';

/** Makes the error for a failed operation on `path`. */
export function fileError(
  host: string,
  verb: FileVerb,
  path: string,
  exitCode: number,
  stderr: string,
): HostError {
  const meaning = BY_TEXT.find(({ says }) => says.test(stderr)) ?? BY_EXIT[exitCode];
  const lastLine = stderr.trim().split('\n').at(-1) ?? '';
  return new HostError({
    code: meaning?.code ?? 'host/file-failed',
    host,
    message: `cannot ${verb} ${path}`,
    got: meaning?.got ?? (lastLine === '' ? `exit code ${exitCode}` : lastLine),
    hint: meaning?.hint ?? 'The evidence has what the host said; try the same by hand there.',
    retryable: meaning?.retryable ?? false,
    evidence: stderr,
  });
}
