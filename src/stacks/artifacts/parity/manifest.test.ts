import { describe, expect, test } from 'vitest';
import { manifestParts } from './manifest.ts';

const d = (letter: string) => `sha256:${letter.repeat(64)}`;
const parts = (json: unknown) => manifestParts(Buffer.from(JSON.stringify(json)));

describe('what a manifest refers to', () => {
  test('is the config and the layers of an image, each once', () => {
    const layers = [{ digest: d('b') }, { digest: d('c') }, { digest: d('b') }];
    expect(parts({ schemaVersion: 2, config: { digest: d('a') }, layers })).toEqual({
      blobs: [d('a'), d('b'), d('c')],
      manifests: [],
    });
  });

  test('is the images of an index', () => {
    expect(parts({ schemaVersion: 2, manifests: [{ digest: d('a') }, { digest: d('b') }] })).toEqual({
      blobs: [],
      manifests: [d('a'), d('b')],
    });
  });

  test('is the layers of a schema 1 manifest', () => {
    expect(parts({ schemaVersion: 1, fsLayers: [{ blobSum: d('a') }] })).toEqual({
      blobs: [d('a')],
      manifests: [],
    });
  });

  test('is not a layer that comes from elsewhere', () => {
    const layers = [
      { digest: d('a'), urls: ['https://example.com/windows'] },
      { digest: d('b'), urls: [] },
    ];
    expect(parts({ schemaVersion: 2, layers })?.blobs).toEqual([d('b')]);
  });

  test('is unknown where the bytes are no manifest, and never a path to somewhere else', () => {
    expect(manifestParts(Buffer.from('<html>'))).toBeUndefined();
    expect(parts([])).toBeUndefined();
    expect(parts({ schemaVersion: 3 })).toBeUndefined();
    expect(parts({ schemaVersion: 2, layers: [{ digest: '../../etc' }, null, 7] })?.blobs).toEqual([]);
  });
});
