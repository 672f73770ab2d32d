/** What the demo's servers serve: a file, a chart repository, an image. Made here, the same on both members. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const FILE_NAME = 'offline-package.tar';
export const IMAGE = 'daocloud/kpanda';
const FILE_BYTES = 256 * 1024;

/** Deterministic bytes that do not compress to nothing: SHA-256 in counter mode over a seed. */
export function makeBytes(seed: string, sizeBytes: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(sizeBytes / 32) }, (_, index) =>
    createHash('sha256').update(`${seed}/${index}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, sizeBytes);
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Fills the folder that one member serves: `files/` and `charts/`, with checksums beside them. */
export async function writeContent(root: string): Promise<void> {
  const file = makeBytes('offline-package', FILE_BYTES);
  const chart = makeBytes('chart', 8 * 1024);
  await mkdir(join(root, 'files'), { recursive: true });
  await mkdir(join(root, 'charts'), { recursive: true });
  await writeFile(join(root, 'files', FILE_NAME), file);
  await writeFile(join(root, 'files', 'SHA256SUMS'), `${sha256Hex(file)}  ${FILE_NAME}\n`);
  await writeFile(join(root, 'charts', 'kpanda-0.1.0.tgz'), chart);
  await writeFile(join(root, 'charts', 'index.yaml'), chartIndex(sha256Hex(chart)));
}

/** The digest that a client checks its download against. */
export function expectedFileDigest(): string {
  return sha256Hex(makeBytes('offline-package', FILE_BYTES));
}

function chartIndex(digest: string): string {
  return `apiVersion: v1
entries:
  kpanda:
    - apiVersion: v2
      name: kpanda
      version: 0.1.0
      digest: ${digest}
      urls: [kpanda-0.1.0.tgz]
generated: "2026-01-01T00:00:00Z"
`;
}
