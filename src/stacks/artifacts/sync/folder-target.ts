/**
 * Files in a folder on the host, as nginx serves it. A file is streamed to a temporary name beside its own, is hashed on
 * the host, fsynced and renamed; what a cut left of it is gone on with where its digest is known.
 */
import { posix } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import type { Connection } from '../../../hosts/host.ts';
import { type Command, sh } from '../../../hosts/shell.ts';
import { ArtifactsError } from '../error.ts';
import { digestMismatch } from '../http/digest-mismatch.ts';
import type { FileTarget, SourceFile } from './file-target.ts';

/** Somebody who reads or writes slower than this stands still: about 70 KB/s. */
const APPEND_MS = 120_000;
const SLOWEST_BYTES_PER_MS = 70;
/** Where the source does not say how much comes. */
const UNKNOWN_BYTES = 16 * 1_024 ** 3;
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

/**
 * Appends what is missing, in one command: at the pace of the slower end.
 * @returns the digest of what was sent, where the source says none that the host's can be held against
 */
async function append(o: Folder, half: string, file: SourceFile, begun: number): Promise<string | undefined> {
  const sha256 = file.mark.digest === undefined;
  using incoming = await file.open({ sha256, ...(begun === 0 ? {} : { range: { from: begun } }) });
  const isNew = begun === 0 || incoming.isWhole;
  const command = isNew ? sh`mkdir -p -- ${posix.dirname(half)} && cat >${half}` : sh`cat >>${half}`;
  const { body } = incoming;
  // Where the source breaks off, what has come is still written: the next attempt goes on from there.
  const feed = new PassThrough();
  body.once('error', () => feed.end());
  const timeoutMs = APPEND_MS + (incoming.sizeBytes ?? UNKNOWN_BYTES) / SLOWEST_BYTES_PER_MS;
  try {
    await run(o, command, timeoutMs, body.pipe(feed));
    if (body.errored !== null) throw body.errored;
  } catch (error) {
    throw incoming.blame(error);
  }
  return sha256 ? incoming.meter.digest() : undefined;
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

/** OpenSSL where it is there: it takes a quarter of the time, as the coreutils of Debian know no SHA instructions. */
async function hashOf(o: Folder, path: string): Promise<string> {
  const hash = sh`if command -v openssl >/dev/null; then openssl dgst -sha256 -r; else sha256sum; fi <${path}`;
  const { stdout } = await run(o, hash, END_TIMEOUT_MS);
  return `sha256:${stdout.slice(0, 64)}`;
}

async function run(
  o: Folder,
  command: Command,
  timeoutMs: number,
  stdin?: Readable,
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
