/** Lists of files as servers give them: checksum files and S3 listings. Pure. */
import { posix } from 'node:path';
import type { Mark } from './mark.ts';

/** Files by path on the server. */
export type FileList = ReadonlyMap<string, Mark>;

/**
 * Lines of `<sha256>  <name>` as sha256sum(1) writes them; `*` before the name means binary, a leading backslash means
 * an escaped name. Names are relative to the folder of the index.
 * @returns undefined where a line is none of these: a web page served in its place, say
 */
export function parseChecksums(text: string, indexPath: string): FileList | undefined {
  const files = new Map<string, Mark>();
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue;
    const match = /^(\\?)([0-9a-f]{64}) [ *](.+)$/i.exec(line);
    if (match === null) return undefined;
    const [, escaped, hex, written] = match as unknown as [string, string, string, string];
    const name = escaped === '' ? written : written.replace(/\\(.)/g, (_all, c) => (c === 'n' ? '\n' : c));
    const path = posix.join(posix.dirname(indexPath), ...name.split('/').map(encodeURIComponent));
    files.set(path, { digest: `sha256:${hex.toLowerCase()}` });
  }
  return files;
}

export interface S3Page {
  readonly files: FileList;
  /** For the next page, where there is one. */
  readonly next?: string;
}

/**
 * One page of S3's ListObjectsV2 (Amazon S3 API reference, "ListObjectsV2"), as MinIO gives it too.
 * @returns undefined where the text is no such listing
 */
export function parseS3Listing(xml: string, bucket: string): S3Page | undefined {
  if (!/<ListBucketResult[\s>]/.test(xml)) return undefined;
  const files = new Map<string, Mark>();
  for (const [, entry] of xml.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)) {
    const key = textOf(entry as string, 'Key');
    if (key === undefined) return undefined;
    const size = Number(textOf(entry as string, 'Size'));
    const etag = textOf(entry as string, 'ETag');
    // Keys that end with / are folders that a person made; there is nothing to compare in them.
    if (key.endsWith('/')) continue;
    files.set(`/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`, {
      ...(Number.isFinite(size) ? { sizeBytes: size } : {}),
      ...(etag === undefined ? {} : { etag }),
    });
  }
  const isMore = textOf(xml, 'IsTruncated') === 'true';
  const next = isMore ? textOf(xml, 'NextContinuationToken') : undefined;
  return isMore && next === undefined ? undefined : { files, ...(next === undefined ? {} : { next }) };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function textOf(xml: string, tag: string): string | undefined {
  const raw = new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1];
  return raw?.replace(/&(#x?)?([0-9a-z]+);/gi, (whole, kind: string | undefined, name: string) => {
    if (kind === undefined) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(Number.parseInt(name, kind === '#' ? 10 : 16));
  });
}
