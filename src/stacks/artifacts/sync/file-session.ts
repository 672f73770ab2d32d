/** Files: what the target lacks, and copying it. A list of checksums grows after each file, and keeps what it had. */
import { posix } from 'node:path';
import { contentDigest } from '../http/content-digest.ts';
import { markOf } from '../http/existence.ts';
import type { FileList } from '../parity/file-list.ts';
import { type FileComparison, filePairs, readChecksums } from '../parity/file-parity.ts';
import { forEachAtOnce } from '../parity/gather.ts';
import { compareMarks, type Mark } from '../parity/mark.ts';
import type { Pair } from '../parity/parity.ts';
import { allEnds } from './all-ends.ts';
import { copyEach, readers, readFrom, type Sides } from './copying.ts';
import { byName, type Found, type Item } from './difference.ts';
import type { FileTarget, SourceFile } from './file-target.ts';
import type { SyncSession, Taken } from './session.ts';

/** Larger files are in parts in S3 anyway: 5 GiB is the most that one PUT may bring. */
const PART_BYTES = 64 * 1_048_576;
const LARGEST_PUT = 5 * 1_024 ** 3;

/** See the top of this file. */
export class FileSession implements SyncSession {
  readonly #sides: Sides;
  readonly #how: FileComparison;
  readonly #target: FileTarget;
  #marks = new Map<string, Mark>();

  constructor(sides: Sides, how: FileComparison, target: FileTarget) {
    this.#sides = sides;
    this.#how = how;
    this.#target = target;
  }

  async find(): Promise<Found> {
    const { from, to, gathering } = readers(this.#sides);
    const compared = await filePairs(from, to, this.#how, gathering);
    const pairs = await forEachAtOnce(compared, gathering, (pair) => this.#look(pair));
    this.#marks = new Map(pairs.map(({ name, active }) => [name, active]));
    const weak = pairs.filter(isWeak).length;
    return { total: pairs.length, weak, items: pairs.flatMap(itemOf).sort(byName) };
  }

  async copy(items: readonly Item[], onBytes: (count: number) => void): Promise<void> {
    const copied: string[] = [];
    let listing = Promise.resolve();
    const work = copyEach(this.#sides, items, async ({ name, state }) => {
      if (state !== 'incomplete') await this.#target.put(name, this.#source(name, onBytes));
      copied.push(name);
      // One after the other, each with all that has come until then: a run that is cut leaves few unlisted.
      listing = listing.then(() => this.#list(copied.splice(0)));
      // Its failure is met below.
      listing.catch(() => {});
    });
    try {
      await allEnds(this.#sides.scope, work);
    } finally {
      if (!this.#sides.scope.signal.aborted) await listing;
    }
  }

  async held(name: string): Promise<string | undefined> {
    const { to } = readers(this.#sides);
    const there = await markOf(to.client, name, to.headers);
    if (there === undefined) return undefined;
    if (!('index' in this.#how)) return describeMark(there);
    const listed = (await readChecksums(to, this.#how.index))?.get(name);
    return listed?.digest ?? contentDigest(to.client, name, to.headers);
  }

  async takeBack({ name }: Taken): Promise<void> {
    if ('index' in this.#how) {
      const { to } = readers(this.#sides);
      const list = new Map(await readChecksums(to, this.#how.index));
      if (list.delete(name))
        await this.#target.putText(this.#how.index, checksumLines(list, this.#how.index));
    }
    await this.#target.remove(name);
  }

  [Symbol.dispose](): void {
    this.#sides.scope[Symbol.dispose]();
  }

  #source(name: string, onBytes: (count: number) => void): SourceFile {
    const mark = this.#marks.get(name) as Mark;
    return {
      client: this.#sides.from,
      mark,
      open: (o) => readFrom(this.#sides, name, { onBytes, ...o }),
      partBytes: async () => {
        const parts = Number(/-(\d+)"?$/.exec(mark.etag ?? '')?.[1] ?? 0);
        if (parts === 0) return (mark.sizeBytes ?? 0) > LARGEST_PUT ? PART_BYTES : undefined;
        const { from, headers } = this.#sides;
        const first = await markOf(from, `${name}?partNumber=1`, headers, [200, 206]);
        return first?.sizeBytes ?? mark.sizeBytes;
      },
    };
  }

  /** What the target holds but does not list is known by its content. */
  async #look(pair: Pair): Promise<Pair> {
    const { name, active, candidate, missingParts = [] } = pair;
    if (candidate === undefined || missingParts.length === 0) return pair;
    if (!compareMarks(active, candidate).same) return pair;
    const { client, headers } = readers(this.#sides).to;
    return { ...pair, candidate: { ...candidate, digest: await contentDigest(client, name, headers) } };
  }

  /** The target's list with the lines of what was copied. */
  async #list(copied: readonly string[]): Promise<void> {
    if (!('index' in this.#how) || copied.length === 0) return;
    const { index } = this.#how;
    const list = new Map(await readChecksums(readers(this.#sides).to, index));
    for (const name of copied) list.set(name, this.#marks.get(name) as Mark);
    await this.#target.putText(index, checksumLines(list, index));
  }
}

/** As sha256sum(1) writes them, sorted by name. */
export function checksumLines(list: FileList, index: string): string {
  const folder = posix.dirname(index);
  const lines = [...list].map(([path, { digest = '' }]) => {
    const name = posix.relative(folder, path).split('/').map(decodeURIComponent).join('/');
    const isOdd = /[\\\n]/.test(name);
    const written = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return { name, line: `${isOdd ? '\\' : ''}${digest.slice('sha256:'.length)}  ${written}\n` };
  });
  return lines
    .sort(byName)
    .map(({ line }) => line)
    .join('');
}

function itemOf({ name, active, candidate, missingParts: parts = [] }: Pair): Item[] {
  const wanted = describeMark(active);
  const common = { name, wanted, sizeBytes: active.sizeBytes ?? 0 };
  if (candidate === undefined) return [{ ...common, state: 'missing' }];
  const found = describeMark(candidate);
  if (!compareMarks(active, candidate).same) return [{ ...common, state: 'conflict', found }];
  return parts.length === 0 ? [] : [{ ...common, sizeBytes: 0, state: 'incomplete', found, parts }];
}

function isWeak({ active, candidate }: Pair): boolean {
  if (candidate === undefined) return false;
  const { same, by } = compareMarks(active, candidate);
  return same && (by === 'size' || by === 'presence');
}

/** A mark in one word: its digest, else its ETag, else its size. */
function describeMark({ digest, etag, sizeBytes }: Mark): string {
  return digest ?? etag ?? (sizeBytes === undefined ? 'there' : `${sizeBytes} B`);
}
