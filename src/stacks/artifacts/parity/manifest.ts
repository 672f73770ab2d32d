/** What a manifest refers to. Pure. */
import type { Digest } from '../../../base/digest.ts';

export interface ManifestParts {
  /** Config and layers that the registry itself must hold. */
  readonly blobs: readonly Digest[];
  /** Manifests of an index. */
  readonly manifests: readonly Digest[];
}

/**
 * Reads OCI and Docker manifests, indexes and manifest lists, and Docker's schema 1. Layers with `urls` are left out:
 * they come from elsewhere (image-spec, "Non-Distributable Layers").
 * @returns undefined where it is none of these
 */
export function manifestParts(content: Uint8Array): ManifestParts | undefined {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(content).toString());
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null) return undefined;
  const { schemaVersion, config, layers, manifests, fsLayers } = json as Record<string, unknown>;
  if (schemaVersion === 1) {
    const sums = listOf(fsLayers).map((layer) => (layer as { blobSum?: unknown } | null)?.blobSum);
    return { blobs: distinct(sums), manifests: [] };
  }
  if (schemaVersion !== 2) return undefined;
  const descriptors = [...(config === undefined ? [] : [config]), ...listOf(layers)];
  return { blobs: distinct(descriptors.map(digestOf)), manifests: distinct(listOf(manifests).map(digestOf)) };
}

/** The sizes in bytes that a manifest's descriptors state, by digest; Docker's schema 1 states none. */
export function statedSizes(content: Uint8Array): ReadonlyMap<string, number> {
  const { config, layers } = JSON.parse(Buffer.from(content).toString()) as Record<string, unknown>;
  const sizes = [config, ...listOf(layers)].flatMap((descriptor): [string, number][] => {
    const { digest, size } = (descriptor ?? {}) as { digest?: unknown; size?: unknown };
    return typeof digest === 'string' && typeof size === 'number' ? [[digest, size]] : [];
  });
  return new Map(sizes);
}

function digestOf(descriptor: unknown): unknown {
  const { digest, urls } = (descriptor ?? {}) as { digest?: unknown; urls?: unknown };
  return Array.isArray(urls) && urls.length > 0 ? undefined : digest;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function distinct(digests: readonly unknown[]): Digest[] {
  const good = digests.filter(
    (one): one is Digest => typeof one === 'string' && /^sha256:[0-9a-f]{64}$/.test(one),
  );
  return [...new Set(good)];
}
