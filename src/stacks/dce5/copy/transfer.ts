/**
 * Moves bytes from one host to another through the machine that Holdfast runs on: the two need no way to each other,
 * and no key of one lies on the other. Large files go one after the other, many small ones together as a tar;
 * what is there already with its size and time is not sent again.
 */
import type { Clock } from '../../../base/clock.ts';
import { pipe } from '../../../engine/steps/parts/pipe.ts';
import { commandFailed } from '../../../engine/steps/parts/run.ts';
import type { Connection } from '../../../hosts/host.ts';
import { type Command, sh } from '../../../hosts/shell.ts';
import type { Item, Survey } from './survey.ts';

export interface Transfer {
  readonly from: Connection;
  readonly to: Connection;
  /** Where the thing lies on `from`, and where it is put together on `to`. */
  readonly fromFolder: string;
  readonly toFolder: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told of bytes that are there, also of those that were there before. */
  onBytes(count: number): void;
}

/** What dd counts in. */
const BLOCK_BYTES = 64 * 1024;
/** Smaller files go together. */
const LARGE_BYTES = 4 * 1024 * 1024;
/** More names than this in one tar would be a long standard input; more bytes are not sent again after a cut. */
const MOST_TOGETHER = 2_000;
const MOST_TOGETHER_BYTES = 64 * 1024 * 1024;
/** Somebody who reads or writes slower than this stands still: about 70 KB/s. */
const PIPE_TIMEOUT_MS = 120_000;
const SLOWEST_BYTES_PER_MS = 70;
const FOLDERS_TIMEOUT_MS = 600_000;

/** Sends what `there` lacks of `source`. Can be cut anywhere and called again. */
export async function transfer(o: Transfer, source: Survey, there: Survey | undefined): Promise<void> {
  const have = new Map((there?.items ?? []).map((item) => [item.path, item]));
  await makeFolders(o, source.items);
  const files = source.items.filter(({ kind }) => kind !== 'folder');
  const isThere = (item: Item): boolean => {
    const found = have.get(item.path);
    return found?.kind === item.kind && found.bytes === item.bytes && found.changedS === item.changedS;
  };
  o.onBytes(files.filter(isThere).reduce((sum, { bytes }) => sum + bytes, 0));
  const todo = files.filter((item) => !isThere(item));
  for (const batch of batchesOf(todo.filter(({ bytes }) => bytes <= LARGE_BYTES))) {
    await sendTogether(o, batch);
  }
  for (const item of todo.filter(({ bytes }) => bytes > LARGE_BYTES)) {
    await sendLarge(o, item, have.get(item.path)?.bytes ?? 0);
  }
}

async function makeFolders(o: Transfer, items: readonly Item[]): Promise<void> {
  const folders = items.filter(({ kind }) => kind === 'folder');
  const lines = folders.map(({ mode, path }) => `${mode} ${path}\n`).join('');
  const command = sh`mkdir -p ${o.toFolder} && cd ${o.toFolder} &&
while read -r mode path; do mkdir -p "$path" && chmod "$mode" "$path" || exit 1; done`;
  const options = { timeoutMs: FOLDERS_TIMEOUT_MS, signal: o.signal, as: 'root', stdin: lines } as const;
  const result = await o.to.run(command, options);
  if (result.code !== 0) throw commandFailed('make the folders of the copy', result, hintFor(o.to));
}

function batchesOf(items: readonly Item[]): Item[][] {
  const batches: Item[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const last = batches.at(-1);
    if (last === undefined || bytes + item.bytes > MOST_TOGETHER_BYTES || last.length >= MOST_TOGETHER) {
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
  const read = sh`cd ${o.fromFolder} && tar -cf - -T -`;
  const write = sh`cd ${o.toFolder} && tar -xpf -`;
  const bytes = batch.reduce((sum, item) => sum + item.bytes, 0);
  await send(o, { what: 'small files', read, names, write, bytes, onBytes: () => {} });
  o.onBytes(bytes);
}

/** From where it stopped. A power cut may have torn the last block; one that is longer than it should be begins anew. */
async function sendLarge(o: Transfer, item: Item, haveBytes: number): Promise<void> {
  const { path, bytes, mode, changedS } = item;
  const begin = haveBytes > bytes ? 0 : Math.floor(haveBytes / BLOCK_BYTES);
  o.onBytes(begin * BLOCK_BYTES);
  const read = sh`cd ${o.fromFolder} && dd if=${path} bs=${BLOCK_BYTES} skip=${begin}`;
  // Mode and time last: a file with its time is a whole one.
  const write = sh`cd ${o.toFolder} && dd of=${path} bs=${BLOCK_BYTES} seek=${begin} &&
chmod ${mode} ${path} && touch -d ${`@${changedS}`} ${path}`;
  await send(o, { what: path, read, write, bytes, onBytes: (count) => o.onBytes(count) });
}

async function send(
  o: Transfer,
  file: {
    what: string;
    read: Command;
    names?: string;
    write: Command;
    bytes: number;
    onBytes(n: number): void;
  },
): Promise<void> {
  const { what, read, names, write, bytes, onBytes } = file;
  const from = { host: o.from, command: read, what: `read ${what}`, hint: hintFor(o.from) };
  const to = { host: o.to, command: write, what: `write ${what}`, hint: hintFor(o.to) };
  const timeoutMs = PIPE_TIMEOUT_MS + bytes / SLOWEST_BYTES_PER_MS;
  await pipe(o, { ...from, ...(names === undefined ? {} : { stdin: names }) }, to, { timeoutMs, onBytes });
}

function hintFor({ host }: Connection): string {
  return `Look at the disk of '${host}' (\`df -h\`, \`dmesg\`), then \`holdfast resume\`: the copy goes on where it stopped.`;
}
