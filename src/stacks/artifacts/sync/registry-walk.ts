/** One repository of the source with what the target lacks of it: asked once for each part, whoever refers to it. */
import type { Digest } from '../../../base/digest.ts';
import { digestMismatch } from '../http/digest-mismatch.ts';
import { statedSizes } from '../parity/manifest.ts';
import {
  hasBlob,
  type Manifest,
  manifest,
  manifestHead,
  type RegistryHttp,
} from '../parity/registry-client.ts';

export interface BlobRef {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** A manifest, what is below it, and what of that the target lacks. */
export interface Tree {
  readonly digest: Digest;
  readonly isMissing: boolean;
  readonly children: readonly Tree[];
  readonly missingBlobs: readonly BlobRef[];
  /** Digests that neither member holds. */
  readonly broken: readonly string[];
}

export class RegistryWalk {
  readonly name: string;
  readonly #from: RegistryHttp;
  readonly #to: RegistryHttp;
  readonly #holds: (digest: Digest) => void;
  readonly #trees = new Map<Digest, Promise<Tree | undefined>>();
  readonly #blobs = new Map<Digest, Promise<'there' | 'missing' | 'broken'>>();

  /** @param holds told of each blob that the target holds in this repository: others may mount it */
  constructor(name: string, from: RegistryHttp, to: RegistryHttp, holds: (digest: Digest) => void) {
    this.name = name;
    this.#from = from;
    this.#to = to;
    this.#holds = holds;
  }

  /** @returns undefined where the source has no such manifest */
  tree(digest: Digest): Promise<Tree | undefined> {
    return this.#once(digest, async () => {
      const [wanted, held] = await Promise.all([
        this.content(digest),
        manifestHead(this.#to, this.name, digest),
      ]);
      return wanted === undefined ? undefined : this.#below(wanted, held !== undefined);
    });
  }

  /** The tree below a manifest that was read already. @param isHeld whether the target is known to have it */
  treeOf(wanted: Manifest, isHeld: boolean): Promise<Tree | undefined> {
    return this.#once(wanted.digest, async () => {
      const held = isHeld || (await manifestHead(this.#to, this.name, wanted.digest)) !== undefined;
      return this.#below(wanted, held);
    });
  }

  #once(digest: Digest, walk: () => Promise<Tree | undefined>): Promise<Tree | undefined> {
    const known = this.#trees.get(digest);
    if (known !== undefined) return known;
    const walking = walk();
    this.#trees.set(digest, walking);
    return walking;
  }

  /** The manifest's bytes, which are what its digest says. @throws ArtifactsError `artifacts/digest-mismatch` */
  async content(digest: Digest): Promise<Manifest | undefined> {
    const found = await manifest(this.#from, this.name, digest);
    if (found !== undefined && found.digest !== digest)
      throw digestMismatch(this.#from.client, `manifest ${this.name}@${digest}`, digest, found.digest);
    return found;
  }

  async #below(wanted: Manifest, isHeld: boolean): Promise<Tree> {
    const sizes = statedSizes(wanted.content);
    const { blobs, manifests } = wanted.parts;
    const [children, states] = await Promise.all([
      Promise.all(manifests.map(async (child) => ({ child, tree: await this.tree(child) }))),
      Promise.all(blobs.map(async (blob) => ({ blob, state: await this.#blob(blob) }))),
    ]);
    return {
      digest: wanted.digest,
      isMissing: !isHeld,
      children: children.flatMap(({ tree }) => tree ?? []),
      missingBlobs: states
        .filter(({ state }) => state === 'missing')
        .map(({ blob }) => ({ digest: blob, sizeBytes: sizes.get(blob) ?? 0 })),
      broken: [
        ...states.filter(({ state }) => state === 'broken').map(({ blob }) => blob),
        ...children.flatMap(({ child, tree }) => (tree === undefined ? [child] : tree.broken)),
      ],
    };
  }

  #blob(digest: Digest): Promise<'there' | 'missing' | 'broken'> {
    const known = this.#blobs.get(digest);
    if (known !== undefined) return known;
    const asking = (async () => {
      if (await hasBlob(this.#to, this.name, digest)) {
        this.#holds(digest);
        return 'there';
      }
      return (await hasBlob(this.#from, this.name, digest)) ? 'missing' : 'broken';
    })();
    this.#blobs.set(digest, asking);
    return asking;
  }
}

/** Manifests that the target lacks, children before those that refer to them, each once. */
export function missingManifests(trees: Iterable<Tree>, into = new Set<Digest>()): Set<Digest> {
  for (const tree of trees) {
    missingManifests(tree.children, into);
    if (tree.isMissing) into.add(tree.digest);
  }
  return into;
}

/** Blobs that the target lacks, each once. */
export function missingBlobs(
  trees: Iterable<Tree>,
  into = new Map<Digest, BlobRef>(),
): ReadonlyMap<Digest, BlobRef> {
  for (const tree of trees) {
    missingBlobs(tree.children, into);
    for (const blob of tree.missingBlobs) into.set(blob.digest, blob);
  }
  return into;
}
