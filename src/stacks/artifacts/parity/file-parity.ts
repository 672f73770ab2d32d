/** Pairs for every file that the active member serves. */
import { printable } from '../../../probes/verdict/evidence.ts';
import { type HttpClient, readBody } from '../http/client.ts';
import { markOf, notUnderstood, refused } from '../http/existence.ts';
import type { FilesSpec } from '../schema.ts';
import { type FileList, parseChecksums, parseS3Listing, type S3Page } from './file-list.ts';
import { forEachAtOnce, type Gathering } from './gather.ts';
import type { Mark } from './mark.ts';
import type { Pair } from './parity.ts';

const LARGEST_INDEX = 64 * 1_048_576;
const LARGEST_PAGE = 16 * 1_048_576;

/** One member's files. */
export interface FileSource {
  readonly client: HttpClient;
  readonly headers: Readonly<Record<string, string>>;
}
export type FileComparison = Exclude<FilesSpec['compare'], false>;

/** Compares as the spec says; see `schema.ts`. */
export function filePairs(
  active: FileSource,
  candidate: FileSource,
  how: FileComparison,
  gathering: Gathering,
): Promise<Pair[]> {
  if ('bucket' in how) return bucketPairs(active, candidate, how);
  if ('index' in how) return indexPairs(active, candidate, how.index, gathering);
  return listPairs(active, candidate, how.list, gathering);
}

async function bucketPairs(
  active: FileSource,
  candidate: FileSource,
  how: { bucket: string; prefix: string },
): Promise<Pair[]> {
  const [wanted, found] = await Promise.all([listBucket(active, how), listBucket(candidate, how)]);
  return [...wanted].map(([name, mark]) => ({
    kind: 'file',
    name,
    active: mark,
    candidate: found.get(name),
  }));
}

/** All objects of a bucket by their paths, page by page. A bucket that is not there holds nothing. */
export async function listBucket(
  source: FileSource,
  how: { bucket: string; prefix: string },
): Promise<FileList> {
  const files = new Map<string, Mark>();
  let next: string | undefined;
  for (;;) {
    const page = await readPage(source, how, next);
    for (const [name, mark] of page?.files ?? []) files.set(name, mark);
    if (page?.next === undefined) return files;
    if (page.next === next) {
      throw notUnderstood(source.client, `/${how.bucket}/`, 'a listing that goes on', 'the same page again');
    }
    next = page.next;
  }
}

async function readPage(
  { client, headers }: FileSource,
  how: { bucket: string; prefix: string },
  token: string | undefined,
): Promise<S3Page | undefined> {
  const query = new URLSearchParams({ 'list-type': '2' });
  if (how.prefix !== '') query.set('prefix', how.prefix);
  if (token !== undefined) query.set('continuation-token', token);
  const path = `/${how.bucket}/?${query}`;
  const response = await client.request({ method: 'GET', path, headers });
  if (response.status !== 200 && response.status !== 404) {
    response.discard();
    throw refused(client, path, response.status);
  }
  const text = (await readBody(client, response, LARGEST_PAGE)).toString();
  if (response.status === 404) {
    // A proxy or another server says 404 too, and nothing about a bucket.
    if (/<Code>\s*NoSuchBucket\s*<\/Code>/.test(text)) return undefined;
    const got = `status 404${text === '' ? '' : `: ${printable(text, 60)}`}`;
    throw notUnderstood(client, path, 'an S3 listing, or the error NoSuchBucket', got);
  }
  const page = parseS3Listing(text, how.bucket);
  if (page === undefined) {
    throw notUnderstood(client, path, 'an S3 listing (ListObjectsV2)', printable(text, 60));
  }
  return page;
}

/**
 * By the checksums of both indexes; and since an index is only a promise, each file is asked for on both. What the
 * candidate holds but does not list is there: its line is missing, and only its content says whether it is the same.
 */
async function indexPairs(
  active: FileSource,
  candidate: FileSource,
  index: string,
  gathering: Gathering,
): Promise<Pair[]> {
  const [wanted, found] = await Promise.all([readChecksums(active, index), readChecksums(candidate, index)]);
  if (wanted === undefined) throw refused(active.client, index, 404);
  const pairs = await forEachAtOnce([...wanted], gathering, async ([name, mark]): Promise<Pair[]> => {
    const there = await markOf(active.client, name, active.headers);
    if (there === undefined) return [];
    const here = await markOf(candidate.client, name, candidate.headers);
    const pair = { kind: 'file', name, active: { ...sizeOf(there), ...mark } } as const;
    if (here === undefined) return [{ ...pair, candidate: undefined }];
    const promised = found?.get(name);
    if (promised === undefined) return [{ ...pair, candidate: sizeOf(here), missingParts: [index] }];
    return [{ ...pair, candidate: { ...sizeOf(here), ...promised } }];
  });
  return pairs.flat();
}

function sizeOf({ sizeBytes }: Mark): Mark {
  return sizeBytes === undefined ? {} : { sizeBytes };
}

/** The lines of a list of checksums; undefined where there is none. */
export async function readChecksums(source: FileSource, path: string): Promise<FileList | undefined> {
  const { client, headers } = source;
  const response = await client.request({ method: 'GET', path, headers });
  if (response.status !== 200) response.discard();
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw refused(client, path, response.status);
  const text = (await readBody(client, response, LARGEST_INDEX)).toString();
  const files = parseChecksums(text, path);
  if (files === undefined) {
    throw notUnderstood(client, path, 'lines as sha256sum writes them', printable(text, 60));
  }
  return files;
}

/** By what both servers say of each file. */
async function listPairs(
  active: FileSource,
  candidate: FileSource,
  list: readonly string[],
  gathering: Gathering,
): Promise<Pair[]> {
  const pairs = await forEachAtOnce(list, gathering, async (name): Promise<Pair[]> => {
    const there = await markOf(active.client, name, active.headers);
    if (there === undefined) return [];
    const here = await markOf(candidate.client, name, candidate.headers);
    return [{ kind: 'file', name, active: there, candidate: here }];
  });
  return pairs.flat();
}
