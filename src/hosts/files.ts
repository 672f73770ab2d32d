/**
 * Files on a host over commands: one round trip each, POSIX sh and what busybox and coreutils 8.22 (CentOS 7) have.
 * Content is binary-safe and never in a command: it travels on standard input and output.
 *
 * Not kept by a replace: hard links, ACLs and extended attributes other than the SELinux context.
 */
import { Secret } from '../base/secret.ts';
import type { RawResult } from './exchange.ts';
import { EXISTS_NOT, type FileVerb, fileError } from './file-error.ts';
import type { AtomicFiles, FileAttributes, FileStat, RunOptions } from './host.ts';
import { HostError } from './host-error.ts';
import { replaceScript } from './replace-script.ts';
import { type Command, sh } from './shell.ts';

/** Runs as root where the host allows; stdout as bytes. */
export type FileRunner = (command: Command, o: RunOptions) => Promise<RawResult>;

const TIMEOUT_MS = 60_000;

/** Builds the files of one host over a runner of commands. @param nonce hexadecimal digits nobody can guess */
export function openFiles(host: string, run: FileRunner, nonce: () => string): AtomicFiles {
  const ask = async (
    verb: FileVerb,
    path: string,
    command: Command,
    signal: AbortSignal,
    stdin?: Uint8Array,
  ) => {
    checkPath(host, path);
    const result = await run(command, {
      timeoutMs: TIMEOUT_MS,
      signal,
      ...(stdin === undefined ? {} : { stdin }),
    });
    if (result.code === 0 || result.code === EXISTS_NOT) return result;
    throw fileError(host, verb, path, result.code, result.stderr.toString());
  };
  return {
    async read(path, signal) {
      const { code, stdout } = await ask('read', path, readScript(path), signal);
      return code === EXISTS_NOT ? undefined : new Uint8Array(stdout);
    },
    async stat(path, signal) {
      const { code, stdout } = await ask('stat', path, statScript(path), signal);
      return code === EXISTS_NOT ? undefined : parseStat(host, path, stdout.toString());
    },
    async replace(path, content, attributes, signal) {
      checkAttributes(host, path, attributes);
      const bytes = Buffer.from(content instanceof Secret ? content.reveal() : content);
      await ask('replace', path, replaceScript(path, bytes.length, attributes, nonce()), signal, bytes);
    },
    async remove(path, signal) {
      await ask('remove', path, removeScript(path), signal);
    },
  };
}

/**
 * Tells "no such file" from "may not look": `test -e` is false for both, so cat's and stat's own words decide
 * (identical in coreutils and busybox under LC_ALL=C).
 */
function unlessMissing(tool: Command): Command {
  return sh`exec 3>&1; e=$(${tool} 2>&1 >&3 3>&-); c=$?; exec 3>&-
[ "$c" -eq 0 ] && exit 0
case $e in *': No such file or directory') exit ${EXISTS_NOT};; esac
printf '%s\n' "$e" >&2; exit 1`;
}

function readScript(path: string): Command {
  return unlessMissing(sh`cat -- ${path}`);
}

/** `%f` is the raw mode in hexadecimal in both coreutils and busybox; their `%F` and `%A` differ. */
function statScript(path: string): Command {
  return unlessMissing(sh`stat -c ${'%f %s %u %g %U %G'} -- ${path}`);
}

function removeScript(path: string): Command {
  return sh`p=${path}; d=\${p%/*}
if [ -d "$p" ] && [ ! -L "$p" ]; then rmdir -- "$p"; else rm -f -- "$p"; fi || exit 1
[ ! -d "\${d:-/}" ] || sync "\${d:-/}" 2>/dev/null || sync`;
}

/** A Map and not an object: Biome 2.6 "simplifies" octal keys to other numbers. */
const TYPES: ReadonlyMap<number, FileStat['type']> = new Map([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'symlink'],
]);

/** `81a4 12 0 0 root root` → what it means; a name that the host does not know stays a number. */
function parseStat(host: string, path: string, output: string): FileStat {
  const [rawMode = '', size, uid = '', gid = '', owner, group] = output.trim().split(' ');
  const mode = Number.parseInt(rawMode, 16);
  if (Number.isNaN(mode) || group === undefined) {
    throw fileError(host, 'stat', path, 0, `stat printed '${output.trim()}'`);
  }
  return {
    type: TYPES.get(mode & 0o170000) ?? 'other',
    mode: mode & 0o7777,
    owner: owner === undefined || owner === 'UNKNOWN' ? uid : owner,
    group: group === 'UNKNOWN' ? gid : group,
    sizeBytes: Number(size),
  };
}

function checkPath(host: string, path: string): void {
  if (path.startsWith('/') && !path.endsWith('/') && !path.includes('\0')) return;
  throw new HostError({
    code: 'host/bad-path',
    host,
    message: 'not a path of a file',
    expected: 'an absolute path that does not end in a slash',
    got: `'${path}'`,
    hint: 'Write the path from the root, e.g. /etc/hosts.',
  });
}

function checkAttributes(host: string, path: string, { owner, group, mode }: FileAttributes): void {
  const names = [owner, group].filter((name) => name !== undefined);
  const isBadMode = mode !== undefined && (!Number.isInteger(mode) || mode < 0 || mode > 0o7777);
  if (!isBadMode && names.every((name) => /^[A-Za-z0-9_][A-Za-z0-9_.@$-]*$/.test(name))) return;
  throw new HostError({
    code: 'host/unknown-owner',
    host,
    message: `cannot give ${path} these attributes`,
    expected: 'names of a user and a group, and a mode of 0 to 0o7777',
    got: JSON.stringify({ owner, group, mode: mode?.toString(8) }),
    hint: 'Write owner and group as `id` on the host prints them, and the mode in octal.',
  });
}
