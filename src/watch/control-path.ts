/** Where the control socket lies, whatever the length of the state folder's path. */
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { WatchError } from './watch-error.ts';

/** `sun_path` holds 108 bytes with its NUL on Linux (unix(7)). */
const LONGEST_PATH_BYTES = 107;

/** The socket of the watcher of a state folder. */
export function controlSocket(stateDir: string): string {
  return join(stateDir, 'watch.sock');
}

/** A path that a socket call takes; keep it undisposed for as long as the socket is bound. */
export interface SocketPath extends AsyncDisposable {
  readonly path: string;
}

/**
 * The path itself where it fits; otherwise the same place through an open folder, `/proc/self/fd/<n>/<name>`.
 * @throws WatchError `watch/control-path` where the system has no such way
 */
export async function socketPath(path: string): Promise<SocketPath> {
  if (Buffer.byteLength(path) <= LONGEST_PATH_BYTES) return { path, async [Symbol.asyncDispose]() {} };
  const folder = await openFolder(path);
  return {
    path: `/proc/self/fd/${folder.fd}/${basename(path)}`,
    [Symbol.asyncDispose]: () => folder.close(),
  };
}

async function openFolder(path: string): Promise<FileHandle> {
  if (process.platform === 'linux') return open(dirname(path), 'r');
  throw new WatchError({
    code: 'watch/control-path',
    message: 'the path of the control socket is too long for this system',
    expected: `at most ${LONGEST_PATH_BYTES} bytes`,
    got: `${Buffer.byteLength(path)} bytes: ${path}`,
    hint: 'Use a state folder with a shorter path ($HOLDFAST_STATE_DIR).',
  });
}
