/** Pulls one small image as a client does: the manifest behind its tag, and every blob of it, each by its digest. */
import { formatBytes } from '../../../base/bytes.ts';
import { digestMismatch } from '../http/digest-mismatch.ts';
import { refused } from '../http/existence.ts';
import { statedSizes } from '../parity/manifest.ts';
import {
  type Manifest,
  manifest,
  pull,
  type RegistryHttp,
  repositories,
  tags,
} from '../parity/registry-client.ts';
import { withLogin } from '../parity/registry-login.ts';
import { type RegistrySpec, registrySpec } from '../schema.ts';
import { fetchWhole } from '../trial/fetch-whole.ts';
import { type Fetched, LOOKED_AT, trialProbe } from '../trial/trial-probe.ts';

interface Image {
  readonly repository: string;
  readonly tag: string;
  readonly manifest: Manifest;
  /** Of its blobs, as the manifest states them. */
  readonly sizeBytes: number;
}

/** See the top of this file. The image: the smallest among the first tags of the first repositories. */
export const artifactsImagePull = trialProbe<RegistrySpec>({
  kind: 'artifacts-image-pull',
  summary: {
    en: 'a small image can be pulled: its manifest and every blob, each with the digest it should have',
    zh: '可以拉取一个小镜像：其清单和每个 blob 的摘要均正确',
  },
  args: registrySpec,
  verb: 'pull a small image from',
  expected: 'its manifest and every blob, each with its digest',
  async fetch(client, { auth }, ctx) {
    const http = withLogin(client, auth, ctx);
    const image = await smallImage(http);
    return image === undefined ? undefined : pullImage(http, image);
  },
});

async function smallImage(http: RegistryHttp): Promise<Image | undefined> {
  const images: Image[] = [];
  for await (const repository of repositories(http)) {
    const [tag] = (await tags(http, repository)).sort();
    if (tag === undefined) continue;
    images.push(...(await imagesBehind(http, repository, tag)));
    if (images.length >= LOOKED_AT) break;
  }
  return images.reduce<Image | undefined>(
    (least, image) => (least === undefined || image.sizeBytes < least.sizeBytes ? image : least),
    undefined,
  );
}

/** The image behind a tag; of an index all of its images. @throws ArtifactsError where a manifest is not there */
async function imagesBehind(http: RegistryHttp, repository: string, tag: string): Promise<Image[]> {
  const top = await mustHave(http, repository, tag);
  const below = top.parts.manifests.slice(0, LOOKED_AT);
  const manifests =
    below.length === 0 ? [top] : await Promise.all(below.map((child) => mustHave(http, repository, child)));
  return manifests
    .filter(({ parts }) => parts.manifests.length === 0)
    .map((one) => ({ repository, tag, manifest: one, sizeBytes: sizeOf(one) }));
}

async function mustHave(http: RegistryHttp, repository: string, reference: string): Promise<Manifest> {
  const found = await manifest(http, repository, reference);
  if (found === undefined) throw refused(http.client, `/v2/${repository}/manifests/${reference}`, 404);
  if (reference.startsWith('sha256:') && found.digest !== reference)
    throw digestMismatch(http.client, `manifest ${repository}@${reference}`, reference, found.digest);
  return found;
}

function sizeOf({ content, parts }: Manifest): number {
  const sizes = statedSizes(content);
  // Docker's schema 1 states none: such an image is taken where there is no other.
  return parts.blobs.reduce((sum, blob) => sum + (sizes.get(blob) ?? Number.POSITIVE_INFINITY), 0);
}

async function pullImage(http: RegistryHttp, image: Image): Promise<Fetched> {
  const { repository, tag } = image;
  const { blobs } = image.manifest.parts;
  const sizes = statedSizes(image.manifest.content);
  let bytes = image.manifest.content.length;
  for (const digest of blobs) {
    const sizeBytes = sizes.get(digest);
    const whole = await fetchWhole(http.client, `/v2/${repository}/blobs/${digest}`, {
      what: `blob ${repository}@${digest}`,
      promised: { digest, ...(sizeBytes === undefined ? {} : { sizeBytes }) },
      send: (request) => http.request(request, pull(repository)),
    });
    bytes += whole.bytes;
  }
  const got = `manifest ${image.manifest.digest} and ${blobs.length} blobs, ${formatBytes(bytes)}, all digests right`;
  return { what: `image ${repository}:${tag}`, got };
}
