/**
 * Moves bytes from one host to another through the machine that Holdfast runs on: the two need no way to each other,
 * and no key of one lies on the other. Large files go in pieces at their place, many small ones together as a tar;
 * what is there already with its size and time is not sent again.
 */
import { setImmediate } from 'node:timers/promises';
import { throwIfAborted } from '../../../base/interrupt.ts';
import { commandFailed } from '../../../engine/steps/parts/run.ts';
import type { CommandResult, Connection } from '../../../hosts/host.ts';
import { type Command, sh } from '../../../hosts/shell.ts';
import type { Item, Survey } from './survey.ts';

export interface Transfer {
  readonly from: Connection;
  readonly to: Connection;
  /** Where the thing lies on `from`, and where it is put together on `to`. */
  readonly fromFolder: string;
  readonly toFolder: string;
  readonly signal: AbortSignal;
  /** Called after each piece. */
  onProgress(doneBytes: number): void;
}

/** What dd counts in. */
const BLOCK_BYTES = 64 * 1024;
/** One piece: a few of them are in memory at once, as base64 too. */
const PIECE_BLOCKS = 64;
const PIECE_BYTES = BLOCK_BYTES * PIECE_BLOCKS;
/** More names than this in one tar would be a long standard input. */
const MOST_TOGETHER = 2_000;
const PIECE_TIMEOUT_MS = 600_000;

/** Sends what `there` lacks of `source`. Can be cut anywhere and called again. */
export async function transfer(o: Transfer, source: Survey, there: Survey | undefined): Promise<void> {
  const have = new Map((there?.items ?? []).map((item) => [item.path, item]));
  await makeFolders(o, source.items);
  const files = source.items.filter(({ kind }) => kind !== 'folder');
  const isThere = (item: Item): boolean => {
    const found = have.get(item.path);
    return found?.kind === item.kind && found.bytes === item.bytes && found.changedS === item.changedS;
  };
  let doneBytes = files.filter(isThere).reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = (bytes: number): void => {
    doneBytes += bytes;
    o.onProgress(doneBytes);
  };
  const todo = files.filter((item) => !isThere(item));
  for (const batch of batchesOf(todo.filter(({ bytes }) => bytes <= PIECE_BYTES))) {
    await sendTogether(o, batch);
    progress(batch.reduce((sum, { bytes }) => sum + bytes, 0));
  }
  for (const item of todo.filter(({ bytes }) => bytes > PIECE_BYTES)) {
    await sendInPieces(o, item, have.get(item.path)?.bytes ?? 0, progress);
  }
}

async function makeFolders(o: Transfer, items: readonly Item[]): Promise<void> {
  const folders = items.filter(({ kind }) => kind === 'folder');
  const lines = folders.map(({ mode, path }) => `${mode} ${path}\n`).join('');
  const command = sh`mkdir -p ${o.toFolder} && cd ${o.toFolder} &&
while read -r mode path; do mkdir -p "$path" && chmod "$mode" "$path" || exit 1; done`;
  await order(o.to, command, o.signal, 'make the folders of the copy', lines);
}

function batchesOf(items: readonly Item[]): Item[][] {
  const batches: Item[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const last = batches.at(-1);
    if (last === undefined || bytes + item.bytes > PIECE_BYTES || last.length >= MOST_TOGETHER) {
      batches.push([item]);
      bytes = item.bytes;
    } else {
      last.push(item);
      bytes += item.bytes;
    }
  }
  return batches;
}

async function sendTogether(o: Transfer, batch: readonly Item[]): Promise<void> {
  const names = batch.map(({ path }) => `${path}\n`).join('');
  // To a file first: a pipe would hide that tar could not read something.
  const pack = sh`cd ${o.fromFolder} && packed=$(mktemp) && trap 'rm -f "$packed"' EXIT && tar -cf "$packed" -T - && base64 "$packed"`;
  const packed = await order(o.from, pack, o.signal, 'read small files', names);
  const unpack = sh`cd ${o.toFolder} && tar -xpf -`;
  await order(o.to, unpack, o.signal, 'write small files', Buffer.from(packed.stdout, 'base64'));
}

/** The next piece is read while the one before is written. */
async function sendInPieces(
  o: Transfer,
  item: Item,
  haveBytes: number,
  progress: (bytes: number) => void,
): Promise<void> {
  const { path, bytes, mode, changedS } = item;
  // A power cut may have torn the last block; one that is longer than it should be begins anew.
  const begin = haveBytes > bytes ? 0 : Math.floor(haveBytes / BLOCK_BYTES);
  progress(begin * BLOCK_BYTES);
  if (begin === 0) await order(o.to, sh`cd ${o.toFolder} && : > ${path}`, o.signal, `begin ${path}`);
  const end = Math.ceil(bytes / BLOCK_BYTES);
  let next = readPiece(o, path, begin);
  for (let at = begin; at < end; at += PIECE_BLOCKS) {
    const piece = await next;
    if (at + PIECE_BLOCKS < end) {
      next = readPiece(o, path, at + PIECE_BLOCKS);
      // Rejected while the piece before is still being written: it is awaited in the next round.
      next.catch(() => {});
    }
    const write = sh`cd ${o.toFolder} && dd of=${path} bs=${BLOCK_BYTES} seek=${at} conv=notrunc 2>/dev/null`;
    await order(o.to, write, o.signal, `write ${path}`, piece);
    progress(piece.length);
    await setImmediate();
    throwIfAborted(o.signal);
  }
  // Last: a file with its time is a whole one.
  const finish = sh`cd ${o.toFolder} && chmod ${mode} ${path} && touch -d ${`@${changedS}`} ${path}`;
  await order(o.to, finish, o.signal, `finish ${path}`);
}

async function readPiece(o: Transfer, path: string, at: number): Promise<Buffer> {
  const read = sh`cd ${o.fromFolder} && dd if=${path} bs=${BLOCK_BYTES} skip=${at} count=${PIECE_BLOCKS} 2>/dev/null | base64`;
  const { stdout } = await order(o.from, read, o.signal, `read ${path}`);
  return Buffer.from(stdout, 'base64');
}

async function order(
  host: Connection,
  command: Command,
  signal: AbortSignal,
  what: string,
  stdin?: string | Uint8Array,
): Promise<CommandResult> {
  const result = await host.run(command, {
    timeoutMs: PIECE_TIMEOUT_MS,
    signal,
    as: 'root',
    ...(stdin === undefined ? {} : { stdin }),
  });
  if (result.code === 0) return result;
  const hint = `Look at the disk of '${host.host}' (\`df -h\`, \`dmesg\`), then \`holdfast resume\`: the copy goes on where it stopped.`;
  throw commandFailed(what, result, hint);
}
