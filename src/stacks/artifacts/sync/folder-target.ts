/**
 * Files in a folder on the host, as nginx serves it. A file comes in pieces through a temporary name beside its own,
 * is hashed on the host, fsynced and renamed; what a cut left of it is gone on with where its digest is known.
 */
import { posix } from 'node:path';
import type { Connection } from '../../../hosts/host.ts';
import { type Command, sh } from '../../../hosts/shell.ts';
import { ArtifactsError } from '../error.ts';
import { digestMismatch } from '../http/digest-mismatch.ts';
import type { FileTarget, SourceFile } from './file-target.ts';

/** One command a piece: few round trips, and little is held. */
const PIECE_BYTES = 8 * 1_048_576;
const PIECE_TIMEOUT_MS = 120_000;
/** Hashing and flushing: 100 GB at 50 MB/s. */
const END_TIMEOUT_MS = 2_000_000;

interface Folder {
  readonly host: Connection;
  readonly signal: AbortSignal;
  readonly address: string;
  readonly folder: string;
  /** Path under which the server serves it. */
  readonly at: string;
}

/** See the top of this file. */
export function folderTarget(o: Folder): FileTarget {
  return {
    put: (path, file) => putFile(o, placeOf(o, path), path, file),
    putText: (path, text) => o.host.files.replace(placeOf(o, path), Buffer.from(text), {}, o.signal),
    remove: (path) => o.host.files.remove(placeOf(o, path), o.signal),
  };
}

async function putFile(o: Folder, place: string, path: string, file: SourceFile): Promise<void> {
  const { digest } = file.mark;
  const half = posix.join(posix.dirname(place), `.holdfast-sync-${posix.basename(place)}`);
  const begun = digest === undefined || file.isOnce ? 0 : await sizeOf(o, half);
  const sizeBytes = file.mark.sizeBytes ?? Number.POSITIVE_INFINITY;
  const sent = await append(o, half, file, begun > 0 && begun < sizeBytes ? begun : 0);
  const got = await hashOf(o, half);
  if (got === (digest ?? sent)) return finish(o, half, place);
  await run(o, sh`rm -f -- ${half}`, END_TIMEOUT_MS);
  // The half that was there may have been another file's, or torn by a power cut: once more from the beginning.
  if (begun > 0) return putFile(o, place, path, file);
  throw digestMismatch(file.client, `file ${path}`, digest ?? 'what was sent', got);
}

/** Appends what is missing. @returns the digest of what was sent */
async function append(o: Folder, half: string, file: SourceFile, begun: number): Promise<string> {
  using incoming = await file.open(begun === 0 ? {} : { range: { from: begun } });
  const first = sh`mkdir -p -- ${posix.dirname(half)} && cat >${half}`;
  let isFirst = begun === 0;
  try {
    for await (const piece of piecesOf(incoming.body)) {
      await run(o, isFirst ? first : sh`cat >>${half}`, PIECE_TIMEOUT_MS, piece);
      isFirst = false;
    }
    if (isFirst) await run(o, first, PIECE_TIMEOUT_MS, Buffer.alloc(0));
  } catch (error) {
    throw incoming.blame(error);
  }
  return incoming.meter.digest();
}

async function* piecesOf(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    held.push(chunk);
    length += chunk.length;
    if (length < PIECE_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(held);
}

/** Owner and mode of the file that was there, else of the folder, readable to all. */
async function finish(o: Folder, half: string, place: string): Promise<void> {
  const command = sh`h=${half} p=${place}
if [ -e "$p" ]; then o=$(stat -c %u:%g -- "$p") m=$(stat -c %a -- "$p"); else o=$(stat -c %u:%g -- "\${p%/*}") m=644; fi
chown -- "$o" "$h" && chmod -- "$m" "$h" &&
dd if=/dev/null of="$h" oflag=append conv=notrunc,fsync 2>/dev/null &&
mv -f -- "$h" "$p" && { sync "\${p%/*}" 2>/dev/null || sync; }`;
  await run(o, command, END_TIMEOUT_MS);
}

async function sizeOf(o: Folder, path: string): Promise<number> {
  return (await o.host.files.stat(path, o.signal))?.sizeBytes ?? 0;
}

async function hashOf(o: Folder, path: string): Promise<string> {
  const { stdout } = await run(o, sh`sha256sum <${path}`, END_TIMEOUT_MS);
  return `sha256:${stdout.slice(0, 64)}`;
}

async function run(
  o: Folder,
  command: Command,
  timeoutMs: number,
  stdin?: Buffer,
): Promise<{ stdout: string }> {
  const result = await o.host.run(command, {
    timeoutMs,
    signal: o.signal,
    as: 'root',
    ...(stdin === undefined ? {} : { stdin }),
  });
  if (result.code === 0) return result;
  throw new ArtifactsError({
    code: 'artifacts/not-taken',
    address: o.address,
    message: `${o.host.host} could not write into ${o.folder}`,
    expected: 'exit code 0',
    got: `exit code ${result.code}: ${result.stderr.trim().slice(0, 200)}`,
    hint: 'See the free space and the rights of the folder on the host.',
    where: { host: o.host.host },
  });
}

/** The file behind a path of the server. @throws ArtifactsError where it would lie outside of the folder */
function placeOf({ folder, at, address }: Folder, path: string): string {
  const prefix = at.endsWith('/') ? at : `${at}/`;
  const words = path.startsWith(prefix) ? path.slice(prefix.length).split('/').map(decodeURIComponent) : [];
  const isPlain = (word: string): boolean => word !== '' && !/^\.\.?$|[/\0]/.test(word);
  if (words.length > 0 && words.every(isPlain)) return posix.join(folder, ...words);
  throw new ArtifactsError({
    code: 'artifacts/not-taken',
    address,
    message: `${path} is not a file below ${at}`,
    expected: `a path that begins with ${prefix}`,
    got: path,
    hint: "Set 'at' of files.write to the path under which the server serves the folder.",
  });
}
