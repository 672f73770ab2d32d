/** Images: what the target's registry lacks, and copying it. Tags come last, so that none leads to what is not whole. */
import { createHash } from 'node:crypto';
import type { Scope } from '../../../base/abort.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Digest } from '../../../base/digest.ts';
import { type Limit, limit } from '../../../base/limit.ts';
import type { HttpRequest } from '../http/client.ts';
import { digestMismatch } from '../http/digest-mismatch.ts';
import { refused } from '../http/existence.ts';
import { patiently } from '../http/patience.ts';
import { streamFrom } from '../http/stream-from.ts';
import {
  MANIFEST_TYPES,
  manifest,
  manifestHead,
  pull,
  type RegistryHttp,
  repositories,
  tags,
} from '../parity/registry-client.ts';
import { allEnds } from './all-ends.ts';
import type { Found, Item } from './difference.ts';
import { deleteManifest, mountBlob, putManifest, uploadBlob } from './registry-push.ts';
import { type BlobRef, missingBlobs, missingManifests, RegistryWalk, type Tree } from './registry-walk.ts';
import type { SyncSession, Taken } from './session.ts';

export interface RegistrySides {
  readonly from: RegistryHttp;
  readonly to: RegistryHttp;
  readonly clock: Clock;
  /** Ends all requests; the clients of both sides listen to it. */
  readonly scope: Scope;
  /** How many things are worked on at once. */
  readonly concurrency: number;
}

/** See the top of this file. */
export class RegistrySession implements SyncSession {
  readonly #sides: RegistrySides;
  /** The same two, asking again where a server is busy. */
  readonly #from: RegistryHttp;
  readonly #to: RegistryHttp;
  readonly #limit: Limit;
  readonly #walks = new Map<string, RegistryWalk>();
  /** Where the target holds a blob, so that other repositories can mount it. */
  readonly #homes = new Map<Digest, string>();
  readonly #sending = new Map<Digest, Promise<void>>();

  constructor(sides: RegistrySides) {
    this.#sides = sides;
    this.#from = patientHttp(sides.from, sides);
    this.#to = patientHttp(sides.to, sides);
    this.#limit = limit(sides.concurrency);
  }

  async find(): Promise<Found> {
    const { scope } = this.#sides;
    this.#walks.clear();
    const lists = limit(this.#sides.concurrency);
    const work: Promise<FoundTag[]>[] = [];
    for await (const name of repositories(this.#from)) {
      const one = lists.run(() => this.#compare(name), scope.signal);
      // Its failure is met below; until then it must not count as one that nobody handles.
      one.catch((error: Error) => scope.abort(error));
      work.push(one);
    }
    const all = (await Promise.all(work)).flat();
    const seen = new Set<Digest>();
    const isCharged = (digest: Digest): boolean => seen.has(digest) || this.#homes.has(digest);
    const items = all.flatMap((tag) => itemOf(tag, isCharged, seen));
    return { total: all.length, weak: 0, items };
  }

  async copy(items: readonly Item[], onBytes: (count: number) => void): Promise<void> {
    const byRepository = Map.groupBy(items, ({ name }) => cutTag(name).repository);
    const work = [...byRepository].map(([name, own]) => this.#copyRepository(name, own, onBytes));
    await allEnds(this.#sides.scope, work);
  }

  async held(name: string): Promise<string | undefined> {
    const { repository, tag } = cutTag(name);
    return (await manifestHead(this.#to, repository, tag))?.digest;
  }

  /**
   * The old manifest is still there, without its tag. Where tags cannot be deleted, a new one goes with its digest; but
   * others that lead to the same manifest, or an index that needs it, must not go with it: then the tag is led to a
   * manifest of its own first.
   */
  async takeBack({ name, wanted, found }: Taken): Promise<void> {
    const to = this.#to;
    const { repository, tag } = cutTag(name);
    // Somebody has pushed since: theirs stays.
    if ((await this.held(name)) !== wanted) return;
    if (found !== undefined) {
      const old = await manifest(to, repository, found);
      if (old === undefined) throw refused(to.client, `/v2/${repository}/manifests/${found}`, 404);
      return putManifest(to, repository, tag, old);
    }
    if (await deleteManifest(to, repository, tag)) return;
    const isNeeded = await this.#isNeeded(repository, tag, wanted as Digest);
    const gone = isNeeded ? await this.#leadAway(repository, tag, wanted as Digest) : wanted;
    if (await deleteManifest(to, repository, gone)) return;
    if (isNeeded) await this.#leadBack(repository, tag, wanted);
    throw refused(to.client, `DELETE /v2/${repository}/manifests/${gone}`, 405);
  }

  [Symbol.dispose](): void {
    this.#sides.scope[Symbol.dispose]();
  }

  /** Whether another tag of the target leads to a manifest, by itself or over an index. */
  async #isNeeded(repository: string, tag: string, digest: Digest): Promise<boolean> {
    const { scope } = this.#sides;
    const others = (await tags(this.#to, repository)).filter((other) => other !== tag);
    const seen = new Set<Digest>([digest]);
    const leads = async (reference: string): Promise<boolean> => {
      const head = await manifestHead(this.#to, repository, reference);
      if (head === undefined) return false;
      if (head.digest === digest) return true;
      if (seen.has(head.digest) || !/index|list/.test(head.mediaType)) return false;
      seen.add(head.digest);
      const index = await manifest(this.#to, repository, head.digest);
      for (const child of index?.parts.manifests ?? []) {
        if (child === digest || (await leads(child))) return true;
      }
      return false;
    };
    const asked = others.map((other) => this.#limit.run(() => leads(other), scope.signal));
    return (await Promise.all(asked)).includes(true);
  }

  /** Leads a tag to an empty index that no other tag has. @returns its digest */
  async #leadAway(repository: string, tag: string, wanted: Digest): Promise<Digest> {
    const annotations = { 'holdfast.taken-back': `${repository}:${tag}@${wanted}` };
    const index = { schemaVersion: 2, mediaType: MANIFEST_TYPES[0], manifests: [], annotations };
    const content = Buffer.from(JSON.stringify(index));
    await putManifest(this.#to, repository, tag, { mediaType: MANIFEST_TYPES[0], content });
    return `sha256:${createHash('sha256').update(content).digest('hex')}`;
  }

  async #leadBack(repository: string, tag: string, wanted: string): Promise<void> {
    const held = await manifest(this.#to, repository, wanted);
    if (held !== undefined) await putManifest(this.#to, repository, tag, held);
  }

  async #compare(name: string): Promise<FoundTag[]> {
    const { scope } = this.#sides;
    const found = await tags(this.#from, name);
    const walk = new RegistryWalk(name, this.#from, this.#to, (digest) => this.#homes.set(digest, name));
    this.#walks.set(name, walk);
    const compare = (tag: string) => this.#limit.run(() => this.#compareTag(walk, tag), scope.signal);
    return (await Promise.all(found.sort().map(compare))).flat();
  }

  async #compareTag(walk: RegistryWalk, tag: string): Promise<FoundTag[]> {
    // One request to each member for most tags: the manifest itself tells its digest.
    const [wanted, found] = await Promise.all([
      manifest(this.#from, walk.name, tag),
      manifestHead(this.#to, walk.name, tag),
    ]);
    // Deleted since it was listed.
    if (wanted === undefined) return [];
    const tree = await walk.treeOf(wanted, found?.digest === wanted.digest);
    return [{ name: `${walk.name}:${tag}`, digest: wanted.digest, found: found?.digest, tree }];
  }

  /** Blobs, then manifests, then tags. What needs a blob that could not be copied is left out, and the rest is not. */
  async #copyRepository(
    name: string,
    items: readonly Item[],
    onBytes: (count: number) => void,
  ): Promise<void> {
    const walk = this.#walks.get(name) as RegistryWalk;
    const trees = new Map<Item, Tree>();
    for (const item of items) trees.set(item, (await walk.tree(item.wanted as Digest)) as Tree);
    const failed = new Map<Digest, unknown>();
    await Promise.all(
      [...missingBlobs(trees.values()).values()].map((blob) =>
        this.#give(name, blob, onBytes).catch((error: unknown) => void failed.set(blob.digest, error)),
      ),
    );
    const putting = new Map<Digest, Promise<void>>();
    const ends = await Promise.allSettled(
      [...trees].map(async ([{ name: full, wanted, state }, tree]) => {
        for (const digest of missingBlobs([tree]).keys()) if (failed.has(digest)) throw failed.get(digest);
        await Promise.all(tree.children.map((child) => this.#putTree(walk, child, putting)));
        if (state !== 'incomplete' || tree.isMissing)
          await this.#put(walk, wanted as Digest, cutTag(full).tag);
      }),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** A manifest that only others refer to: after those that it refers to itself. */
  #putTree(walk: RegistryWalk, tree: Tree, putting: Map<Digest, Promise<void>>): Promise<void> {
    const underWay = putting.get(tree.digest);
    if (underWay !== undefined) return underWay;
    const work = (async () => {
      await Promise.all(tree.children.map((child) => this.#putTree(walk, child, putting)));
      if (tree.isMissing) await this.#put(walk, tree.digest, tree.digest);
    })();
    putting.set(tree.digest, work);
    return work;
  }

  #put(walk: RegistryWalk, digest: Digest, reference: string): Promise<void> {
    return this.#limit.run(async () => {
      const content = await walk.content(digest);
      if (content === undefined) {
        throw refused(this.#from.client, `/v2/${walk.name}/manifests/${digest}`, 404);
      }
      await putManifest(this.#to, walk.name, reference, content);
    }, this.#sides.scope.signal);
  }

  /** Gives the target a blob: mounted where another repository holds it, or is being given it; else sent. */
  async #give(name: string, blob: BlobRef, onBytes: (count: number) => void): Promise<void> {
    const { clock, scope } = this.#sides;
    const underWay = this.#sending.get(blob.digest);
    if (underWay !== undefined) await underWay;
    const home = this.#homes.get(blob.digest);
    const giving = this.#limit.run(async () => {
      if (home !== undefined && (await mountBlob(this.#to, name, blob.digest, home))) return;
      await patiently({ clock, signal: scope.signal }, () => this.#send(name, blob, onBytes));
    }, scope.signal);
    if (underWay === undefined) this.#sending.set(blob.digest, giving);
    await giving;
    this.#homes.set(blob.digest, name);
  }

  async #send(name: string, { digest, sizeBytes }: BlobRef, onBytes: (count: number) => void): Promise<void> {
    const { from, to } = this.#sides;
    const request = { method: 'GET', path: `/v2/${name}/blobs/${digest}` } as const;
    const send = (one: HttpRequest) => from.request(one, pull(name));
    using incoming = await streamFrom(from.client, request, { send, onBytes });
    try {
      const blob = { digest, sizeBytes: incoming.sizeBytes ?? sizeBytes };
      await uploadBlob(to, name, blob, incoming.body);
    } catch (error) {
      const blamed = incoming.blame(error);
      const got = incoming.meter.writableFinished ? incoming.meter.digest() : digest;
      throw got === digest ? blamed : digestMismatch(from.client, `blob ${name}@${digest}`, digest, got);
    }
  }
}

interface FoundTag {
  readonly name: string;
  readonly digest: Digest;
  readonly found: Digest | undefined;
  /** Undefined: the source's tag leads nowhere. */
  readonly tree: Tree | undefined;
}

/** @param isCharged whether a blob need not be sent for this item: it is, for another, or is there to be mounted */
function itemOf(
  { name, digest, found, tree }: FoundTag,
  isCharged: (digest: Digest) => boolean,
  seen: Set<Digest>,
): Item[] {
  const isSame = found === digest;
  const blobs = tree === undefined ? [] : [...missingBlobs([tree]).values()];
  const manifests = tree === undefined ? [] : [...missingManifests([tree])];
  const parts = [...manifests, ...blobs.map((blob) => blob.digest)];
  // What the source has lost itself is not missed at the target.
  if (isSame && parts.length === 0) return [];
  const broken = tree === undefined ? [digest] : tree.broken;
  const common = { name, wanted: digest, ...(found === undefined ? {} : { found }) };
  if (!isSame && broken.length > 0) return [{ ...common, sizeBytes: 0, state: 'broken', parts: broken }];
  const fresh = blobs.filter((blob) => !isCharged(blob.digest));
  for (const blob of fresh) seen.add(blob.digest);
  const item = { ...common, sizeBytes: fresh.reduce((sum, blob) => sum + blob.sizeBytes, 0) };
  if (isSame) return [{ ...item, state: 'incomplete', parts }];
  return [{ ...item, state: found === undefined ? 'missing' : 'conflict' }];
}

/** `library/app:v1` as repository and tag. */
function cutTag(name: string): { repository: string; tag: string } {
  const at = name.lastIndexOf(':');
  return { repository: name.slice(0, at), tag: name.slice(at + 1) };
}

/** Asks again where the server is busy or away; what is sent as a stream is left to its sender. */
function patientHttp(http: RegistryHttp, { clock, scope }: RegistrySides): RegistryHttp {
  return {
    client: http.client,
    request: (request, permission) =>
      patiently({ clock, signal: scope.signal }, async () => {
        const response = await http.request(request, permission);
        if (response.status < 500 && response.status !== 429) return response;
        response.discard();
        throw refused(http.client, request.path, response.status);
      }),
  };
}
