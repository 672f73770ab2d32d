/** Makes small images and pushes them over the plain HTTP API of any OCI registry. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

const TYPES = {
  oci: {
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    index: 'application/vnd.oci.image.index.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  },
  docker: {
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  },
} as const;
export type ImageFormat = keyof typeof TYPES;

export interface Pushed {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  /** Digests of everything below: blobs of an image; images and their blobs of an index. */
  readonly parts: readonly string[];
}

/** Pushes `name:tag` as one image whose content depends on `seed` alone; without a tag by its digest only. */
export async function pushImage(
  base: string,
  o: { name: string; tag?: string; format?: ImageFormat; seed?: string; architecture?: string },
): Promise<Pushed> {
  const { name, tag, format = 'oci', seed = 'seed', architecture = 'amd64' } = o;
  const types = TYPES[format];
  const tar = makeTar('hello.txt', `hello from ${seed} on ${architecture}\n`);
  const layer = gzipSync(tar);
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [sha256(tar)] },
    }),
  );
  await pushBlob(base, name, layer);
  await pushBlob(base, name, config);
  const describe = (mediaType: string, content: Buffer) => ({
    mediaType,
    digest: sha256(content),
    size: content.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: types.manifest,
      config: describe(types.config, config),
      layers: [describe(types.layer, layer)],
    }),
  );
  await pushManifest(base, name, tag ?? sha256(manifest), types.manifest, manifest);
  return {
    digest: sha256(manifest),
    mediaType: types.manifest,
    size: manifest.length,
    parts: [sha256(layer), sha256(config)],
  };
}

/** Pushes `name:tag` as an index over one image per architecture. */
export async function pushIndex(
  base: string,
  o: { name: string; tag: string; format?: ImageFormat; seed?: string; architectures?: readonly string[] },
): Promise<Pushed> {
  const { name, tag, format = 'oci', seed = 'seed', architectures = ['amd64', 'arm64'] } = o;
  const images: (Pushed & { architecture: string })[] = [];
  for (const architecture of architectures) {
    images.push({ ...(await pushImage(base, { name, format, seed, architecture })), architecture });
  }
  const index = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: TYPES[format].index,
      manifests: images.map(({ mediaType, digest, size, architecture }) => ({
        mediaType,
        digest,
        size,
        platform: { architecture, os: 'linux' },
      })),
    }),
  );
  await pushManifest(base, name, tag, TYPES[format].index, index);
  return {
    digest: sha256(index),
    mediaType: TYPES[format].index,
    size: index.length,
    parts: images.flatMap(({ digest, parts }) => [digest, ...parts]),
  };
}

/** Uploads one blob in the two requests of a plain client. */
export async function pushBlob(base: string, name: string, content: Buffer): Promise<string> {
  const opened = await send(`${base}/v2/${name}/blobs/uploads/`, { method: 'POST' });
  const place = new URL(opened.headers.get('location') as string, base);
  place.searchParams.set('digest', sha256(content));
  const headers = { 'content-type': 'application/octet-stream' };
  await send(place.href, { method: 'PUT', headers, body: new Uint8Array(content) });
  return sha256(content);
}

/** Puts a manifest under a tag or its own digest. */
export async function pushManifest(
  base: string,
  name: string,
  reference: string,
  mediaType: string,
  content: Buffer,
): Promise<void> {
  await send(`${base}/v2/${name}/manifests/${reference}`, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: new Uint8Array(content),
  });
}

/** `sha256:…` of bytes. */
export function sha256(content: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${init.method} ${url}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
  return response;
}

/** A tar archive with one file (POSIX.1-1988 ustar). */
function makeTar(name: string, text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)]);
}
