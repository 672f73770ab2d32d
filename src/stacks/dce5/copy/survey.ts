/** What a file or folder on a host consists of: names, kinds, modes, sizes and times, without reading any content. */
import { posix } from 'node:path';
import { type Digest, digestOf } from '../../../base/digest.ts';
import { throwIfAborted } from '../../../base/interrupt.ts';
import { commandFailed } from '../../../engine/steps/parts/run.ts';
import type { Connection } from '../../../hosts/host.ts';
import { sh } from '../../../hosts/shell.ts';

export interface Item {
  readonly kind: 'file' | 'folder' | 'link';
  /** Below the folder that the thing lies in: `./offline/images/1.tar`. */
  readonly path: string;
  /** Octal. */
  readonly mode: string;
  readonly bytes: number;
  /** Last change, in seconds. */
  readonly changedS: number;
}

export interface Survey {
  readonly items: readonly Item[];
  readonly bytes: number;
  /** Of all of it: another one means that something was changed since. */
  readonly digest: Digest;
}

/** Packages have hundreds of files; on a slow disk their inodes take a while. */
const SURVEY_TIMEOUT_MS = 600_000;

/** Looks below `folder` at `name`. @returns undefined where there is nothing of the name */
export async function survey(
  host: Connection,
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<Survey | undefined> {
  throwIfAborted(signal);
  // GNU and busybox both have -exec … + and stat -c; -printf is GNU's only. A newline in a name would be two lines.
  const command = sh`cd ${folder} 2>/dev/null || exit 0; [ -e ${name} ] || exit 0
export LC_ALL=C; what=./${name}
find "$what" -name '*
*' | grep -q . && { echo 'a name with a line break in it' >&2; exit 1; }
find "$what" ! -type f ! -type d ! -type l | grep . >&2 && { echo 'neither file, folder nor link' >&2; exit 1; }
find "$what" -type f -exec stat -c 'file %a %s %Y %n' {} + &&
find "$what" -type d -exec stat -c 'folder %a 0 0 %n' {} + &&
find "$what" -type l -exec stat -c 'link 777 0 0 %n' {} +`;
  const result = await host.run(command, { timeoutMs: SURVEY_TIMEOUT_MS, signal, as: 'root' });
  const what = posix.join(folder, name);
  if (result.code !== 0)
    throw commandFailed(
      `list ${what}`,
      result,
      `Look at \`find ${what}\` on the host; a package has plain files only.`,
    );
  const items = result.stdout.split('\n').flatMap((line) => readItem(line) ?? []);
  if (items.length === 0) return undefined;
  items.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { items, bytes: items.reduce((sum, { bytes }) => sum + bytes, 0), digest: digestOf(items) };
}

/** Whether the thing itself is a link: nothing of what it leads to is in the survey. */
export function isLink({ items: [first] }: Survey): boolean {
  return first?.kind === 'link' && !first.path.slice('./'.length).includes('/');
}

/** Whether two have the same files of the same sizes, whatever their times. */
export function looksSame(a: Survey, b: Survey): boolean {
  const shape = ({ items }: Survey): string =>
    items.map(({ kind, path, bytes }) => `${kind} ${bytes} ${path}\n`).join('');
  return shape(a) === shape(b);
}

function readItem(line: string): Item | undefined {
  const match = /^(file|folder|link) ([0-7]+) (\d+) (\d+) (.+)$/.exec(line);
  if (match === null) return undefined;
  const [, kind, mode, bytes, changedS, path] = match;
  return {
    kind: kind as Item['kind'],
    path: path as string,
    mode: mode as string,
    bytes: Number(bytes),
    changedS: Number(changedS),
  };
}
