/** SHA-256 of every file, and the target of every link, made on the host that has them. */

import { commandFailed } from '../../../engine/steps/parts/run.ts';
import type { Connection } from '../../../hosts/host.ts';
import { sh } from '../../../hosts/shell.ts';

/** Tens of gigabytes from a slow disk. */
const SUMS_TIMEOUT_MS = 4 * 3_600_000;

/** By path (`./offline/images/1.tar`) → checksum; paths as `survey` has them. */
export async function checksums(
  host: Connection,
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const command = sh`cd ${folder} && export LC_ALL=C && what=./${name} &&
find "$what" -type f -exec sha256sum {} + &&
find "$what" -type l -exec sh -c 'for link; do printf "link:%s  %s\n" "$(readlink "$link")" "$link"; done' sh {} +`;
  const result = await host.run(command, { timeoutMs: SUMS_TIMEOUT_MS, signal, as: 'root' });
  if (result.code !== 0)
    throw commandFailed(
      `checksum ${folder}/${name}`,
      result,
      'A file that cannot be read: look at the disk and its kernel messages (`dmesg`).',
    );
  const lines = result.stdout.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => splitLine(line)));
}

/** Paths whose checksums differ or that one side lacks, sorted. */
export function differing(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] {
  const paths = new Set([...a.keys(), ...b.keys()]);
  return [...paths].filter((path) => a.get(path) !== b.get(path)).sort();
}

/** `<sum>  <path>`; sha256sum puts a backslash first where it escaped the name. */
function splitLine(line: string): [path: string, sum: string] {
  const plain = line.startsWith('\\') ? line.slice(1) : line;
  const at = plain.indexOf('  ./');
  return [plain.slice(at + 2), plain.slice(0, at)];
}
