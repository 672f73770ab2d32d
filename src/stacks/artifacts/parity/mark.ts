/** How the content of one thing is known without reading it. Pure. */

export interface Mark {
  /** `sha256:…`, from a registry, a chart index or a list of checksums. */
  readonly digest?: string;
  /** As the server gave it, quotes and all. */
  readonly etag?: string;
  readonly sizeBytes?: number;
}

/** What two marks say: the same or another content, and how sure that is. */
export interface MarkComparison {
  readonly same: boolean;
  readonly by: 'digest' | 'etag' | 'size' | 'presence';
}

/**
 * Compares by the strongest thing both sides have: digest, then an ETag that is a hash of the content, then the size,
 * then the mere presence. Another size is another content whatever a list of checksums promises.
 */
export function compareMarks(a: Mark, b: Mark): MarkComparison {
  const sizes = [a.sizeBytes, b.sizeBytes].filter((size) => size !== undefined);
  if (sizes.length === 2 && sizes[0] !== sizes[1]) return { same: false, by: 'size' };
  if (a.digest !== undefined && b.digest !== undefined) return { same: a.digest === b.digest, by: 'digest' };
  const [tagA, tagB] = [contentHash(a.etag), contentHash(b.etag)];
  if (tagA !== undefined && tagB !== undefined && sameKind(tagA, tagB))
    return { same: tagA === tagB, by: 'etag' };
  return { same: true, by: sizes.length === 2 ? 'size' : 'presence' };
}

/**
 * The hash in an ETag, or undefined where the ETag is none: nginx and Apache make theirs of time and size, which
 * differ from host to host for the same file. S3 and MinIO give MD5, with `-<parts>` after a multipart upload.
 */
function contentHash(etag: string | undefined): string | undefined {
  const text = /^"?([0-9a-f]{32}(?:-\d+)?|[0-9a-f]{40}|[0-9a-f]{64})"?$/i.exec(etag ?? '')?.[1];
  return text?.toLowerCase();
}

/** An MD5 of the whole and one of its parts say nothing about each other. */
function sameKind(a: string, b: string): boolean {
  return a.length === b.length || (a.includes('-') && b.includes('-'));
}
