/** What a run of the installer leaves on the host, so that the next check knows what was installed, and from what. */
import { z } from 'zod';

/** The whole cluster (the original), the bootstrap node only (`-j 1,2,3,4,5`), or its content (`-u tinder`). */
export const tasks = ['full', 'bootstrap', 'upgrade'] as const;

const marker = z.object({
  /** `begun`: the installer was started and nobody saw it end. */
  state: z.enum(['begun', 'done']),
  task: z.enum(tasks),
  package: z.string(),
  /** Of the package's list of files, the installer and the manifest. */
  digest: z.string(),
});
export type Marker = z.infer<typeof marker>;

/** @returns undefined where there is no marker in the text */
export function parseMarker(text: string): Marker | undefined {
  try {
    return marker.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What stands in the file. */
export function formatMarker(value: Marker): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
