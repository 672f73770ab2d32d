/** Pairs for every tag that the active member's registry holds. */
import type { Digest } from '../../../base/digest.ts';
import { forEachAtOnce, type Gathering } from './gather.ts';
import type { Pair } from './parity.ts';
import { hasBlob, manifest, manifestHead, type RegistryHttp, repositories, tags } from './registry-client.ts';

/** Both members' registries. */
export interface Registries {
  readonly active: RegistryHttp;
  readonly candidate: RegistryHttp;
}

/**
 * Compares tag by tag, repository by repository, by digest. With `parts` each manifest and each blob behind a tag is
 * asked for too: a tag may be there while its layers are not (an interrupted copy, a wrong clean-up). A part that the
 * active member has not either is not missed.
 *
 * What no tag leads to cannot be listed (distribution specification) and is not compared.
 */
export async function registryPairs(registries: Registries, gathering: Gathering): Promise<Pair[]> {
  const work: Promise<Pair[]>[] = [];
  for await (const name of repositories(registries.active)) {
    const pairs = gathering.lists.run(() => repositoryPairs(registries, name, gathering), gathering.signal);
    // Its failure is met below; until then it must not count as one that nobody handles.
    pairs.catch(() => {});
    work.push(pairs);
  }
  return (await Promise.all(work)).flat();
}

async function repositoryPairs(registries: Registries, name: string, gathering: Gathering): Promise<Pair[]> {
  const found = await tags(registries.active, name);
  const repository = new RepositoryCheck(registries, name, gathering);
  return (await forEachAtOnce(found, gathering, (tag) => repository.pair(tag))).flat();
}

/** One repository: parts that several tags share are asked for once. */
class RepositoryCheck {
  readonly #registries: Registries;
  readonly #name: string;
  readonly #gathering: Gathering;
  readonly #missing = new Map<Digest, Promise<readonly string[]>>();

  constructor(registries: Registries, name: string, gathering: Gathering) {
    this.#registries = registries;
    this.#name = name;
    this.#gathering = gathering;
  }

  async pair(tag: string): Promise<Pair[]> {
    const { active, candidate } = this.#registries;
    const name = `${this.#name}:${tag}`;
    const [wanted, found] = await Promise.all([
      manifestHead(active, this.#name, tag),
      manifestHead(candidate, this.#name, tag),
    ]);
    // Deleted since it was listed: the active member does not hold it any more.
    if (wanted === undefined) return [];
    const pair: Pair = { kind: 'image', name, active: { digest: wanted.digest }, candidate: undefined };
    if (found === undefined) return [pair];
    const both = { ...pair, candidate: { digest: found.digest } };
    if (found.digest !== wanted.digest || this.#gathering.depth === 'digests') return [both];
    return [{ ...both, missingParts: await this.#missingUnder(wanted.digest) }];
  }

  /** Digests that the candidate lacks of what a manifest refers to, at any depth. */
  #missingUnder(digest: Digest): Promise<readonly string[]> {
    const known = this.#missing.get(digest);
    if (known !== undefined) return known;
    const asking = this.#askUnder(digest);
    this.#missing.set(digest, asking);
    return asking;
  }

  async #askUnder(digest: Digest): Promise<readonly string[]> {
    const { active, candidate } = this.#registries;
    const wanted = await manifest(active, this.#name, digest);
    if (wanted === undefined) return [];
    const missing: string[] = [];
    for (const child of wanted.parts.manifests) {
      const held = await manifestHead(candidate, this.#name, child);
      if (held !== undefined) missing.push(...(await this.#missingUnder(child)));
      else if ((await manifestHead(active, this.#name, child)) !== undefined) missing.push(child);
    }
    for (const blob of wanted.parts.blobs) missing.push(...(await this.#missingBlob(blob)));
    return [...new Set(missing)];
  }

  #missingBlob(digest: Digest): Promise<readonly string[]> {
    const known = this.#missing.get(digest);
    if (known !== undefined) return known;
    const { active, candidate } = this.#registries;
    const asking = (async () => {
      if (await hasBlob(candidate, this.#name, digest)) return [];
      return (await hasBlob(active, this.#name, digest)) ? [digest] : [];
    })();
    this.#missing.set(digest, asking);
    return asking;
  }
}
