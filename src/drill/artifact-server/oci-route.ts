import type { Digest } from '../../base/digest.ts';
import { OciRefusal } from './reply.ts';

/** What a path under `/v2/` is about (OCI distribution specification 1.1, "Endpoints"). */
export type OciRoute =
  | { readonly kind: 'base' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'tags'; readonly name: string }
  | {
      readonly kind: 'manifest';
      readonly name: string;
      readonly reference: Digest | { readonly tag: string };
    }
  | { readonly kind: 'blob'; readonly name: string; readonly digest: Digest }
  | { readonly kind: 'uploads'; readonly name: string }
  | { readonly kind: 'upload'; readonly name: string; readonly id: string };

const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const LONGEST_NAME = 255;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const UPLOAD_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @throws OciRefusal for a name, tag or digest that breaks its grammar, and for a path that is none of these */
export function parseOciRoute(path: string): OciRoute {
  if (path === '/v2' || path === '/v2/') return { kind: 'base' };
  if (path === '/v2/_catalog') return { kind: 'catalog' };
  const tags = /^\/v2\/(.+)\/tags\/list$/.exec(path);
  if (tags !== null) return { kind: 'tags', name: parseName(tags[1]!) };
  const manifest = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(path);
  if (manifest !== null) {
    return { kind: 'manifest', name: parseName(manifest[1]!), reference: parseReference(manifest[2]!) };
  }
  const uploads = /^\/v2\/(.+)\/blobs\/uploads\/?$/.exec(path);
  if (uploads !== null) return { kind: 'uploads', name: parseName(uploads[1]!) };
  const upload = /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/.exec(path);
  if (upload !== null) {
    if (!UPLOAD_ID.test(upload[2]!)) throw new OciRefusal(404, 'BLOB_UPLOAD_UNKNOWN', 'no such upload');
    return { kind: 'upload', name: parseName(upload[1]!), id: upload[2]! };
  }
  const blob = /^\/v2\/(.+)\/blobs\/([^/]+)$/.exec(path);
  if (blob !== null) return { kind: 'blob', name: parseName(blob[1]!), digest: parseOciDigest(blob[2]!) };
  throw new OciRefusal(404, 'UNSUPPORTED', 'this registry has no such endpoint');
}

/** @throws OciRefusal DIGEST_INVALID for anything but SHA-256 */
export function parseOciDigest(text: string): Digest {
  if (!DIGEST.test(text))
    throw new OciRefusal(400, 'DIGEST_INVALID', 'a digest is sha256: and 64 hex digits');
  return text as Digest;
}

/** @throws OciRefusal NAME_INVALID */
export function parseName(text: string): string {
  if (!NAME.test(text) || text.length > LONGEST_NAME) {
    throw new OciRefusal(400, 'NAME_INVALID', 'this is no name of a repository');
  }
  return text;
}

function parseReference(text: string): Digest | { tag: string } {
  if (text.includes(':')) return parseOciDigest(text);
  if (!TAG.test(text)) throw new OciRefusal(400, 'MANIFEST_INVALID', 'this is no tag');
  return { tag: text };
}
