/** The pull side of the OCI distribution specification 1.1, against one registry on one member. */
import { createHash } from 'node:crypto';
import type { Digest } from '../../../base/digest.ts';
import { hostAndPort } from '../../../probes/wire/host-and-port.ts';
import { ArtifactsError } from '../error.ts';
import { type HttpClient, type HttpRequest, type HttpResponse, readBody } from '../http/client.ts';
import { digestMismatch } from '../http/digest-mismatch.ts';
import { nextLink } from '../http/link.ts';
import { type ManifestParts, manifestParts } from './manifest.ts';

/** Everything a tag may lead to, so that no registry converts it to another form with another digest. */
export const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
  'application/vnd.docker.distribution.manifest.v1+json',
] as const;

const ACCEPT = { accept: MANIFEST_TYPES.join(', ') };
/** Every registry takes pages of this size; docker-registry refuses more than 1,000. */
const PAGE = 100;
const LARGEST_LIST = 64 * 1_048_576;
const LARGEST_MANIFEST = 8 * 1_048_576;

export interface ManifestHead {
  readonly digest: Digest;
  readonly mediaType: string;
}
export interface Manifest extends ManifestHead {
  readonly content: Buffer;
  readonly parts: ManifestParts;
}

/** How requests are sent: the plain client, or one that knows how to log in (`registry-login.ts`). */
export interface RegistryHttp {
  readonly client: HttpClient;
  /** @param scope what is to be allowed: `repository:app:pull` */
  request(request: HttpRequest, scope: string): Promise<HttpResponse>;
}

/** Names of all repositories, page by page. Several pages are never held at once. */
export async function* repositories(http: RegistryHttp): AsyncGenerator<string> {
  let path: string | undefined = `/v2/_catalog?n=${PAGE}`;
  while (path !== undefined) {
    const response = await http.request({ method: 'GET', path }, 'registry:catalog:*');
    if (response.status !== 200) throw await refused(http, path, response);
    const list = await readList(http, response, 'repositories');
    yield* list;
    path = follow(http, path, response, list.length);
  }
}

/** The tags of a repository; none where it has lost them all, or is gone. */
export async function tags(http: RegistryHttp, name: string): Promise<string[]> {
  const found: string[] = [];
  let path: string | undefined = `/v2/${name}/tags/list?n=${PAGE}`;
  while (path !== undefined) {
    const response = await http.request({ method: 'GET', path }, pull(name));
    if (response.status === 404) {
      response.discard();
      return found;
    }
    if (response.status !== 200) throw await refused(http, path, response);
    const list = await readList(http, response, 'tags');
    found.push(...list);
    path = follow(http, path, response, list.length);
  }
  return found;
}

/**
 * The digest behind a tag, by HEAD: nothing is downloaded.
 * @returns undefined where the registry has no such manifest
 */
export async function manifestHead(
  http: RegistryHttp,
  name: string,
  reference: string,
): Promise<ManifestHead | undefined> {
  const path = `/v2/${name}/manifests/${reference}`;
  const response = await http.request({ method: 'HEAD', path, headers: ACCEPT }, pull(name));
  response.discard();
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw await refused(http, path, response);
  const digest = response.headers['docker-content-digest'];
  if (typeof digest !== 'string' || !isDigest(digest)) return manifest(http, name, reference);
  return { digest, mediaType: response.headers['content-type'] ?? '' };
}

/**
 * A manifest with what it refers to. Its digest is computed from its bytes.
 * @throws ArtifactsError `artifacts/digest-mismatch` where the registry says another one
 * @returns undefined where the registry has none
 */
export async function manifest(
  http: RegistryHttp,
  name: string,
  reference: string,
): Promise<Manifest | undefined> {
  const path = `/v2/${name}/manifests/${reference}`;
  const response = await http.request({ method: 'GET', path, headers: ACCEPT }, pull(name));
  if (response.status === 404) {
    response.discard();
    return undefined;
  }
  if (response.status !== 200) throw await refused(http, path, response);
  const content = await readBody(http.client, response, LARGEST_MANIFEST);
  const mediaType = response.headers['content-type'] ?? '';
  const parts = manifestParts(content);
  if (parts === undefined) throw notUnderstood(http, path, 'a manifest');
  return { digest: digestOfManifest(http, path, content, response), mediaType, content, parts };
}

/** Whether the repository gives out a blob, by HEAD. */
export async function hasBlob(http: RegistryHttp, name: string, digest: Digest): Promise<boolean> {
  const path = `/v2/${name}/blobs/${digest}`;
  const response = await http.request({ method: 'HEAD', path }, pull(name));
  response.discard();
  if (response.status === 404) return false;
  // Some registries keep blobs elsewhere and say so with a redirect: it has it.
  if (response.status === 200 || response.status === 307) return true;
  throw await refused(http, path, response);
}

/** Whether a text is a SHA-256 digest. */
export function isDigest(text: string): text is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/** Names become paths: one that could lead elsewhere is not a name. */
function isPlainName(one: unknown): one is string {
  return typeof one === 'string' && /^\w[\w./-]*$/.test(one) && !one.includes('..');
}

/** The scope of reading a repository. */
export function pull(name: string): string {
  return `repository:${name}:pull`;
}

/**
 * Of its bytes; what the registry says must agree. A signed manifest of schema 1 has the digest of its payload, which
 * only the registry can say.
 */
function digestOfManifest(http: RegistryHttp, path: string, content: Buffer, response: HttpResponse): Digest {
  const header = response.headers['docker-content-digest'];
  const said = typeof header === 'string' && isDigest(header) ? header : undefined;
  const isSigned = (response.headers['content-type'] ?? '').includes('prettyjws');
  if (isSigned && said !== undefined) return said;
  const own: Digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  if (said !== undefined && said !== own) throw digestMismatch(http.client, path, said, own);
  return own;
}

async function readList(
  http: RegistryHttp,
  response: HttpResponse,
  key: 'repositories' | 'tags',
): Promise<string[]> {
  const body = await readBody(http.client, response, LARGEST_LIST);
  try {
    const list: unknown = JSON.parse(body.toString())[key];
    // A repository whose tags were all deleted has `"tags": null`.
    if (list === null) return [];
    if (Array.isArray(list) && list.every(isPlainName)) return list;
  } catch {}
  throw notUnderstood(http, key === 'tags' ? 'tags/list' : '/v2/_catalog', `a list of ${key}`);
}

/** The next page's path; a link that leads nowhere new would be followed for ever. */
function follow(http: RegistryHttp, path: string, response: HttpResponse, count: number): string | undefined {
  const link = nextLink([response.headers.link ?? []].flat().join(', '));
  if (link === undefined || count === 0) return undefined;
  const base = `http://registry${path}`;
  const next = URL.parse(link, base);
  const to = next === null ? undefined : next.pathname + next.search;
  if (to === undefined || to === path) throw notUnderstood(http, path, 'a link to the next page');
  return to;
}

async function refused(http: RegistryHttp, path: string, response: HttpResponse): Promise<ArtifactsError> {
  response.discard();
  const { address, port } = http.client.origin;
  const needsLogin = response.status === 401 || response.status === 403;
  return new ArtifactsError({
    code: 'artifacts/refused',
    address,
    message: `the registry at ${hostAndPort(address, port)} refused ${path}`,
    expected: 'status 200',
    got: `status ${response.status}`,
    hint: needsLogin
      ? "Give credentials that may pull and list, with 'auth' of the stack's registry."
      : "Look into the registry's log.",
    retryable: response.status >= 500 || response.status === 429,
  });
}

function notUnderstood(http: RegistryHttp, path: string, expected: string): ArtifactsError {
  const { address, port } = http.client.origin;
  return new ArtifactsError({
    code: 'artifacts/not-understood',
    address,
    message: `${hostAndPort(address, port)} answered ${path} with something else than a registry does`,
    expected,
    hint: 'Check that this port is the OCI registry, and not a proxy or a web page.',
  });
}
