/** Manifests, tags and the catalog over HTTP. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Digest, digestBytes } from '../../base/digest.ts';
import type { OciStore } from './oci-store.ts';
import { OciRefusal, reply, replyJson } from './reply.ts';

/** The specification wants at least 4 MiB to be taken; more than that is no manifest. */
const LARGEST_MANIFEST = 4 * 1_048_576;

type Reference = Digest | { readonly tag: string };

/** GET and HEAD give it, PUT checks and keeps it, DELETE takes the tag or the manifest away. */
export async function serveManifest(
  store: OciStore,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  reference: Reference,
): Promise<void> {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return getManifest(store, request, response, name, reference);
    case 'PUT':
      return putManifest(store, request, response, name, reference);
    case 'DELETE': {
      const had =
        typeof reference === 'string'
          ? await store.removeManifest(name, reference)
          : await store.removeTag(name, reference.tag);
      if (!had) throw unknownManifest();
      return reply(response, 202);
    }
    default:
      throw new OciRefusal(405, 'UNSUPPORTED', 'this cannot be done to a manifest');
  }
}

async function getManifest(
  store: OciStore,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  reference: Reference,
): Promise<void> {
  const digest = typeof reference === 'string' ? reference : await store.digestOfTag(name, reference.tag);
  const manifest = digest === undefined ? undefined : await store.manifest(name, digest);
  if (manifest === undefined) throw unknownManifest();
  const headers = {
    'content-type': manifest.mediaType,
    'content-length': manifest.content.length,
    'docker-content-digest': manifest.digest,
    etag: `"${manifest.digest}"`,
  };
  reply(response, 200, headers, request.method === 'HEAD' ? '' : manifest.content);
}

async function putManifest(
  store: OciStore,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  reference: Reference,
): Promise<void> {
  const content = await readWhole(request, LARGEST_MANIFEST);
  const digest = digestBytes(content);
  if (typeof reference === 'string' && reference !== digest) {
    throw new OciRefusal(400, 'DIGEST_INVALID', `the content has the digest ${digest}`);
  }
  const parsed = parseManifest(content);
  const mediaType = request.headers['content-type'] ?? parsed.mediaType;
  if (mediaType === undefined)
    throw new OciRefusal(400, 'MANIFEST_INVALID', 'the manifest has no media type');
  await refuseUnknownParts(store, name, parsed);
  await store.putManifest(
    name,
    { digest, mediaType, content },
    typeof reference === 'string' ? undefined : reference.tag,
  );
  reply(response, 201, { location: `/v2/${name}/manifests/${digest}`, 'docker-content-digest': digest });
}

/** The tags of a repository, page by page. */
export async function serveTags(
  store: OciStore,
  response: ServerResponse,
  name: string,
  url: URL,
): Promise<void> {
  if (!(await store.hasRepository(name))) throw new OciRefusal(404, 'NAME_UNKNOWN', 'no such repository');
  const { page, next } = pageOf(await store.tags(name), url);
  replyJson(response, 200, { name, tags: page }, next);
}

/** The repositories, page by page. */
export async function serveCatalog(store: OciStore, response: ServerResponse, url: URL): Promise<void> {
  const { page, next } = pageOf(await store.repositories(), url);
  replyJson(response, 200, { repositories: page }, next);
}

/** `n` names after `last`, with the Link header (RFC 8288) that leads on. */
function pageOf(all: readonly string[], url: URL): { page: readonly string[]; next: Record<string, string> } {
  const last = url.searchParams.get('last') ?? '';
  const n = url.searchParams.has('n') ? Number(url.searchParams.get('n')) : all.length;
  if (!Number.isInteger(n) || n < 0) throw new OciRefusal(400, 'UNSUPPORTED', 'n is a whole number');
  const rest = all.filter((name) => name > last);
  const page = rest.slice(0, n);
  if (page.length === rest.length || page.length === 0) return { page, next: {} };
  const query = new URLSearchParams({ last: page.at(-1) as string, n: String(n) });
  return { page, next: { link: `<${url.pathname}?${query}>; rel="next"` } };
}

interface ParsedManifest {
  readonly mediaType?: string;
  readonly blobs: readonly string[];
  readonly manifests: readonly string[];
}

function parseManifest(content: Buffer): ParsedManifest {
  let json: unknown;
  try {
    json = JSON.parse(content.toString());
  } catch {
    throw new OciRefusal(400, 'MANIFEST_INVALID', 'the manifest is no JSON');
  }
  if (typeof json !== 'object' || json === null || !('schemaVersion' in json) || json.schemaVersion !== 2) {
    throw new OciRefusal(400, 'MANIFEST_INVALID', 'only manifests of schema version 2 are kept');
  }
  const { mediaType, config, layers, manifests } = json as Record<string, unknown>;
  return {
    ...(typeof mediaType === 'string' ? { mediaType } : {}),
    blobs: [...digestsOf(config === undefined ? [] : [config]), ...digestsOf(layers)],
    manifests: digestsOf(manifests),
  };
}

/** Digests of descriptors; a layer with `urls` lives elsewhere and need not be here. */
function digestsOf(descriptors: unknown): string[] {
  if (descriptors === undefined) return [];
  if (!Array.isArray(descriptors)) throw new OciRefusal(400, 'MANIFEST_INVALID', 'descriptors are a list');
  return descriptors.flatMap((descriptor: unknown) => {
    const { digest, urls } = (descriptor ?? {}) as Record<string, unknown>;
    if (typeof digest !== 'string')
      throw new OciRefusal(400, 'MANIFEST_INVALID', 'a descriptor has no digest');
    return Array.isArray(urls) ? [] : [digest];
  });
}

async function refuseUnknownParts(store: OciStore, name: string, parsed: ParsedManifest): Promise<void> {
  for (const digest of parsed.blobs) {
    if ((await store.blob(name, digest as Digest)) === undefined) throw unknownPart(digest);
  }
  for (const digest of parsed.manifests) {
    if ((await store.manifest(name, digest as Digest)) === undefined) throw unknownPart(digest);
  }
}

function unknownPart(digest: string): OciRefusal {
  return new OciRefusal(404, 'MANIFEST_BLOB_UNKNOWN', `the repository does not hold ${digest}`);
}

function unknownManifest(): OciRefusal {
  return new OciRefusal(404, 'MANIFEST_UNKNOWN', 'no such manifest');
}

async function readWhole(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > most) throw new OciRefusal(413, 'MANIFEST_INVALID', `a manifest is at most ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
