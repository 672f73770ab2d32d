/** The push side of the OCI distribution specification 1.1, against one registry on one member. */
import type { Readable } from 'node:stream';
import type { Digest } from '../../../base/digest.ts';
import type { HttpResponse } from '../http/client.ts';
import { notTaken } from '../http/not-taken.ts';
import type { Manifest, RegistryHttp } from '../parity/registry-client.ts';

/** The scope of writing a repository. */
function push(name: string): string {
  return `repository:${name}:pull,push`;
}

/**
 * Makes a blob that another repository of the same registry holds one of this repository: nothing is sent.
 * @returns false where the registry does not (it may not, it need not): then it is uploaded
 */
export async function mountBlob(
  http: RegistryHttp,
  name: string,
  digest: Digest,
  from: string,
): Promise<boolean> {
  const query = new URLSearchParams({ mount: digest, from });
  const path = `/v2/${name}/blobs/uploads/?${query}`;
  const response = await http.request({ method: 'POST', path }, `${push(name)} repository:${from}:pull`);
  response.discard();
  // 202 is the beginning of an upload instead, which is given up.
  if (response.status === 202) await giveUp(http, name, placeOf(response, path));
  return response.status === 201;
}

/**
 * Uploads a blob as one stream. The registry computes its digest, and takes it only where that is the one named.
 * @throws ArtifactsError `artifacts/not-taken` (retryable where the server was busy or failed)
 */
export async function uploadBlob(
  http: RegistryHttp,
  name: string,
  blob: { readonly digest: Digest; readonly sizeBytes: number },
  body: Readable,
): Promise<void> {
  const begin = `/v2/${name}/blobs/uploads/`;
  const opened = await http.request({ method: 'POST', path: begin }, push(name));
  if (opened.status !== 202) throw await notTaken(http.client, opened, begin, 'the beginning of an upload');
  opened.discard();
  const place = placeOf(opened, begin);
  const end = URL.parse(place, 'http://registry') as URL;
  end.searchParams.set('digest', blob.digest);
  try {
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': String(blob.sizeBytes),
    };
    const path = end.pathname + end.search;
    const response = await http.request({ method: 'PUT', path, headers, body }, push(name));
    if (response.status !== 201) throw await notTaken(http.client, response, begin, `blob ${blob.digest}`);
    response.discard();
  } catch (error) {
    await giveUp(http, name, place);
    throw error;
  }
}

/** Puts a manifest under a tag or its own digest, byte for byte. @throws ArtifactsError `artifacts/not-taken` */
export async function putManifest(
  http: RegistryHttp,
  name: string,
  reference: string,
  { mediaType, content }: Pick<Manifest, 'mediaType' | 'content'>,
): Promise<void> {
  const path = `/v2/${name}/manifests/${reference}`;
  const headers = { 'content-type': mediaType };
  const response = await http.request({ method: 'PUT', path, headers, body: content }, push(name));
  if (response.status !== 201) throw await notTaken(http.client, response, path, 'the manifest');
  response.discard();
}

/**
 * Deletes a manifest by its digest, and with it every tag that leads to it; or a tag alone where the registry can.
 * @returns false where the registry does not delete like this (405, or 400 for a tag)
 */
export async function deleteManifest(http: RegistryHttp, name: string, reference: string): Promise<boolean> {
  const path = `/v2/${name}/manifests/${reference}`;
  const response = await http.request({ method: 'DELETE', path }, `repository:${name}:pull,delete,push`);
  if (response.status === 400 || response.status === 405) {
    response.discard();
    return false;
  }
  if (response.status !== 202 && response.status !== 404) {
    throw await notTaken(http.client, response, path, 'the deletion');
  }
  response.discard();
  return true;
}

/** Where the upload goes on: on this member, whatever name the registry gives itself. */
function placeOf(response: HttpResponse, asked: string): string {
  const to = URL.parse(response.headers.location ?? '', `http://registry${asked}`);
  return to === null ? asked : to.pathname + to.search;
}

/** Tells the registry that an upload ends here. It throws old ones away by itself, so this may fail. */
async function giveUp(http: RegistryHttp, name: string, place: string): Promise<void> {
  try {
    (await http.request({ method: 'DELETE', path: place }, push(name))).discard();
  } catch {}
}
