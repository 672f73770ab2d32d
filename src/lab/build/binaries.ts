/** Programs for lab hosts in the cache: complete and checked, or not there at all. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const manifest = z.object({
  name: z.string(),
  version: z.string(),
  programs: z.array(
    z.object({ name: z.string(), sizeBytes: z.number(), sha256: z.string(), says: z.string() }),
  ),
});

/** Written beside the programs when they are put in place. */
export type Manifest = z.infer<typeof manifest>;

/** A set of programs in the cache. */
export interface Binaries extends Manifest {
  /** Holds one file for each program; to be bound or copied into a host. */
  readonly folder: string;
}

export const MANIFEST_NAME = 'manifest.json';

/** Where a set lies: `<cache>/<name>/<version>`. */
export function binariesFolder(cache: string, recipe: { name: string; version: string }): string {
  return join(cache, recipe.name, recipe.version);
}

/**
 * The set, or undefined where it is not there whole: no manifest, or a program that is gone or of another size.
 * Its digests are not computed again, that would read hundreds of megabytes at each start of a lab.
 */
export async function findBinaries(
  cache: string,
  recipe: { name: string; version: string },
): Promise<Binaries | undefined> {
  const at = binariesFolder(cache, recipe);
  try {
    const found = manifest.parse(JSON.parse(await readFile(join(at, MANIFEST_NAME), 'utf8')));
    const folder = join(at, 'bin');
    for (const { name, sizeBytes } of found.programs) {
      if ((await stat(join(folder, name))).size !== sizeBytes) return undefined;
    }
    return { ...found, folder };
  } catch {
    return undefined;
  }
}
