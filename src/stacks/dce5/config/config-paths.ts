import { parse } from 'yaml';
import { z } from 'zod';

const shape = z.object({
  spec: z.object({ osRepos: z.object({ isoPath: z.string(), osPackagePath: z.string() }) }),
});

/** Where a clusterConfig.yaml takes the system packages from; undefined where it does not say so, or is no YAML. */
export function parseConfigPaths(text: string): { isoPath: string; osPackagePath: string } | undefined {
  try {
    return shape.parse(parse(text)).spec.osRepos;
  } catch {
    return undefined;
  }
}
