/** Helm charts: what the target's repository lacks, and copying it. */
import { contentDigest } from '../http/content-digest.ts';
import { digestMismatch } from '../http/digest-mismatch.ts';
import { markOf } from '../http/existence.ts';
import type { ChartEntry } from '../parity/chart-index.ts';
import { type ChartSource, chartName, packagePath, readIndex } from '../parity/chart-parity.ts';
import { forEachAtOnce } from '../parity/gather.ts';
import { allEnds } from './all-ends.ts';
import type { ChartTarget } from './chart-target.ts';
import { copyEach, readers, readFrom, type Sides } from './copying.ts';
import { byName, type Found, type Item } from './difference.ts';
import type { SyncSession, Taken } from './session.ts';

/** See the top of this file. */
export class ChartSession implements SyncSession {
  readonly #sides: Sides;
  /** Path of index.yaml. */
  readonly #path: string;
  readonly #target: ChartTarget;
  #entries = new Map<string, ChartEntry>();

  constructor(sides: Sides, path: string, target: ChartTarget) {
    this.#sides = sides;
    this.#path = path;
    this.#target = target;
  }

  async find(): Promise<Found> {
    const { gathering } = readers(this.#sides);
    const { from, to } = this.#sources();
    const [wanted, found] = await Promise.all([
      readIndex(from, gathering.signal),
      readIndex(to, gathering.signal),
    ]);
    this.#entries = new Map(wanted.map((entry) => [chartName(entry), entry]));
    const there = new Map(found.map((entry) => [chartName(entry), entry]));
    const items = await forEachAtOnce([...this.#entries.values()], gathering, (entry) =>
      this.#compare(entry, there.get(chartName(entry))),
    );
    return { total: this.#entries.size, weak: 0, items: items.flat().sort(byName) };
  }

  async copy(items: readonly Item[], onBytes: (count: number) => void): Promise<void> {
    const { from } = this.#sources();
    const work = copyEach(this.#sides, items, async ({ name, wanted, state, found }) => {
      const entry = this.#entries.get(name) as ChartEntry;
      const path = placeOf(entry, from);
      // ChartMuseum takes any content: what is damaged must not even get there. Packages are small.
      const content = await this.#contentDigest(from, entry);
      if (content !== wanted) throw digestMismatch(from.client, `chart ${name}`, wanted, content);
      using incoming = await readFrom(this.#sides, path, { onBytes });
      try {
        await this.#target.put(entry, incoming, state === 'conflict' || found !== undefined);
      } catch (error) {
        throw incoming.blame(error);
      }
    });
    try {
      await allEnds(this.#sides.scope, work);
    } finally {
      if (!this.#sides.scope.signal.aborted) await this.#target.end();
    }
  }

  async held(name: string): Promise<string | undefined> {
    const { to } = this.#sources();
    const entry = await this.#entryAt(to, name);
    return entry === undefined ? undefined : (entry.digest ?? (await this.#contentDigest(to, entry)));
  }

  async takeBack({ name }: Taken): Promise<void> {
    const entry = await this.#entryAt(this.#sources().to, name);
    if (entry === undefined) return;
    await this.#target.remove(entry);
    await this.#target.end();
  }

  [Symbol.dispose](): void {
    this.#sides.scope[Symbol.dispose]();
  }

  #sources(): { from: ChartSource; to: ChartSource } {
    const { from, to } = readers(this.#sides);
    return { from: { ...from, path: this.#path }, to: { ...to, path: this.#path } };
  }

  async #entryAt(source: ChartSource, name: string): Promise<ChartEntry | undefined> {
    const entries = await readIndex(source, this.#sides.scope.signal);
    return entries.find((entry) => chartName(entry) === name);
  }

  async #compare(entry: ChartEntry, found: ChartEntry | undefined): Promise<Item[]> {
    const { from, to } = this.#sources();
    const name = chartName(entry);
    const mark = await markOf(from.client, placeOf(entry, from), from.headers);
    const known = { name, sizeBytes: mark?.sizeBytes ?? 0 };
    const digest = entry.digest ?? (mark === undefined ? 'unknown' : await this.#contentDigest(from, entry));
    if (mark === undefined) {
      return [{ ...known, wanted: digest, state: 'broken', parts: [placeOf(entry, from)] }];
    }
    const wanted = { ...known, wanted: digest };
    if (found === undefined) return [{ ...wanted, state: 'missing' }];
    const place = placeOf(found, to);
    if ((await markOf(to.client, place, to.headers)) === undefined) {
      return [{ ...wanted, state: 'incomplete', parts: [place], found: found.digest ?? 'unknown' }];
    }
    const other = found.digest ?? (await this.#contentDigest(to, found));
    return other === digest ? [] : [{ ...wanted, state: 'conflict', found: other }];
  }

  /** By content, where an index has no digest: as old ones. */
  #contentDigest(source: ChartSource, entry: ChartEntry): Promise<string> {
    return contentDigest(source.client, placeOf(entry, source), source.headers);
  }
}

/** Where a package is; where its index does not say, where Helm's own tools put it. */
function placeOf(entry: ChartEntry, source: ChartSource): string {
  const url = entry.url ?? `${chartName(entry)}.tgz`;
  return packagePath(url, source) ?? packagePath(`${chartName(entry)}.tgz`, source) ?? url;
}
