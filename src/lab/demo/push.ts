/** Pushes a one-layer image over the OCI distribution API, as a CI job does. */
import { HoldfastError } from '../../base/errors.ts';
import { makeBytes, sha256Hex } from './content.ts';

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';

/**
 * Pushes `repository:tag` to a registry.
 * @param base e.g. `http://127.0.0.2:5000`
 * @throws HoldfastError `demo/push-failed` with the answer of the registry
 */
export async function pushImage(
  base: string,
  repository: string,
  tag: string,
  signal: AbortSignal,
): Promise<void> {
  const layer = makeBytes(`${repository}:${tag}`, 64 * 1024);
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digest(layer)] },
    }),
  );
  await pushBlob(base, repository, layer, signal);
  await pushBlob(base, repository, config, signal);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: describe('application/vnd.oci.image.config.v1+json', config),
    layers: [describe('application/vnd.oci.image.layer.v1.tar', layer)],
  });
  await send(`${base}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': MANIFEST_TYPE },
    body: manifest,
    signal,
  });
}

async function pushBlob(base: string, repository: string, bytes: Buffer, signal: AbortSignal): Promise<void> {
  const opened = await send(`${base}/v2/${repository}/blobs/uploads/`, { method: 'POST', signal });
  const place = new URL(opened.headers.get('location') ?? '', base);
  place.searchParams.set('digest', digest(bytes));
  await send(place.href, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(bytes),
    signal,
  });
}

async function send(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (response.ok) return response;
  throw new HoldfastError({
    code: 'demo/push-failed',
    message: `the registry refused ${init.method} ${url}`,
    expected: 'a status of 2xx',
    got: `${response.status} ${(await response.text()).slice(0, 200)}`,
    hint: 'Run the demo again; if it happens each time, please report it with this message.',
  });
}

function describe(mediaType: string, bytes: Buffer): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: digest(bytes), size: bytes.length };
}

function digest(bytes: Uint8Array): string {
  return `sha256:${sha256Hex(bytes)}`;
}
