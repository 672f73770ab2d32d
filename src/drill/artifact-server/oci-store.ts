/**
 * Blobs, manifests and tags on disk. Everything is content-addressed or a one-line file, and written atomically, so
 * that the process may be killed at any point:
 *
 *   blobs/<hex>                          content, manifests among it
 *   uploads/<id>                         an upload under way; its size is its offset
 *   repositories/<name>/_blobs/<hex>     this repository holds that blob
 *   repositories/<name>/_manifests/<hex> the media type of that manifest
 *   repositories/<name>/_tags/<tag>      a digest
 *
 * A component of a repository's name never begins with `_`, so names and these folders cannot collide.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Digest } from '../../base/digest.ts';
import { systemCode } from '../../base/errors.ts';
import { moveDurably, writeAtomically } from './atomic-file.ts';

export interface StoredBlob {
  readonly path: string;
  readonly size: number;
}
export interface StoredManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly content: Buffer;
}

export class OciStore {
  readonly #root: string;

  /** @param root a folder of the store's own; made when first written to */
  constructor(root: string) {
    this.#root = root;
  }

  async blob(name: string, digest: Digest): Promise<StoredBlob | undefined> {
    if ((await sizeOf(this.#link(name, '_blobs', digest))) === undefined) return undefined;
    const path = this.#blobPath(digest);
    const size = await sizeOf(path);
    return size === undefined ? undefined : { path, size };
  }

  /** Makes a blob that the store holds for any repository part of this one. @returns whether it holds it */
  async link(name: string, digest: Digest): Promise<boolean> {
    if ((await sizeOf(this.#blobPath(digest))) === undefined) return false;
    await writeAtomically(this.#link(name, '_blobs', digest), '');
    return true;
  }

  async beginUpload(): Promise<string> {
    const id = randomUUID();
    await mkdir(join(this.#root, 'uploads'), { recursive: true });
    await (await open(this.#uploadPath(id), 'wx')).close();
    return id;
  }

  /** How much has arrived; undefined where there is no such upload. */
  uploadSize(id: string): Promise<number | undefined> {
    return sizeOf(this.#uploadPath(id));
  }

  /** Appends what the stream holds. What arrived before a broken stream stays, and the client may go on from there. */
  async appendUpload(id: string, content: Readable): Promise<void> {
    await pipeline(content, createWriteStream(this.#uploadPath(id), { flags: 'a' }));
  }

  async cancelUpload(id: string): Promise<void> {
    await rm(this.#uploadPath(id), { force: true });
  }

  /** Turns an upload into a blob of the repository if it has the digest that was promised. @returns whether it has */
  async finishUpload(id: string, name: string, digest: Digest): Promise<boolean> {
    const path = this.#uploadPath(id);
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    if (`sha256:${hash.digest('hex')}` !== digest) return false;
    const file = await open(path, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await moveDurably(path, this.#blobPath(digest));
    await writeAtomically(this.#link(name, '_blobs', digest), '');
    return true;
  }

  /** Content first, link second, tag last: a crash in between leaves nothing that names what is not there. */
  async putManifest(name: string, manifest: StoredManifest, tag: string | undefined): Promise<void> {
    await writeAtomically(this.#blobPath(manifest.digest), manifest.content);
    await writeAtomically(this.#link(name, '_manifests', manifest.digest), manifest.mediaType);
    if (tag !== undefined) await writeAtomically(this.#tagPath(name, tag), manifest.digest);
  }

  async manifest(name: string, digest: Digest): Promise<StoredManifest | undefined> {
    const mediaType = await readText(this.#link(name, '_manifests', digest));
    if (mediaType === undefined) return undefined;
    return { digest, mediaType, content: await readFile(this.#blobPath(digest)) };
  }

  async digestOfTag(name: string, tag: string): Promise<Digest | undefined> {
    return (await readText(this.#tagPath(name, tag))) as Digest | undefined;
  }

  /** @returns whether there was such a tag */
  async removeTag(name: string, tag: string): Promise<boolean> {
    const path = this.#tagPath(name, tag);
    const had = (await sizeOf(path)) !== undefined;
    await rm(path, { force: true });
    return had;
  }

  /** Takes a manifest, and every tag that names it, out of the repository. @returns whether it was there */
  async removeManifest(name: string, digest: Digest): Promise<boolean> {
    for (const tag of await this.tags(name)) {
      if ((await this.digestOfTag(name, tag)) === digest) await this.removeTag(name, tag);
    }
    const path = this.#link(name, '_manifests', digest);
    const had = (await sizeOf(path)) !== undefined;
    await rm(path, { force: true });
    return had;
  }

  /** @returns whether the repository held it */
  async removeBlob(name: string, digest: Digest): Promise<boolean> {
    const path = this.#link(name, '_blobs', digest);
    const had = (await sizeOf(path)) !== undefined;
    await rm(path, { force: true });
    return had;
  }

  /** In byte order, as the specification wants them. */
  async tags(name: string): Promise<string[]> {
    return (await namesIn(join(this.#repository(name), '_tags'))).sort();
  }

  async hasRepository(name: string): Promise<boolean> {
    return (await namesIn(this.#repository(name))).some((child) => child.startsWith('_'));
  }

  /** Every repository that has a manifest or a blob, in order. */
  async repositories(): Promise<string[]> {
    const found: string[] = [];
    const visit = async (name: string): Promise<void> => {
      const children = await namesIn(join(this.#root, 'repositories', name));
      if (children.some((child) => child.startsWith('_'))) found.push(name);
      for (const child of children) {
        if (!child.startsWith('_')) await visit(name === '' ? child : `${name}/${child}`);
      }
    };
    await visit('');
    return found.sort();
  }

  #repository(name: string): string {
    return join(this.#root, 'repositories', name);
  }
  #blobPath(digest: Digest): string {
    return join(this.#root, 'blobs', hexOf(digest));
  }
  #uploadPath(id: string): string {
    return join(this.#root, 'uploads', id);
  }
  #link(name: string, kind: '_blobs' | '_manifests', digest: Digest): string {
    return join(this.#repository(name), kind, hexOf(digest));
  }
  #tagPath(name: string, tag: string): string {
    return join(this.#repository(name), '_tags', tag);
  }
}

function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Names in a folder; hidden ones are writes under way, or left behind by a crash. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.'));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
}
