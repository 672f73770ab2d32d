import { parseDocument } from 'yaml';
import { z } from 'zod';

const shape = z.object({
  spec: z.object({ osRepos: z.object({ isoPath: z.string(), osPackagePath: z.string() }) }),
});

export type ConfigPaths =
  | { readonly isoPath: string; readonly osPackagePath: string }
  /** What is wrong with the file, and where. */
  | { readonly wrong: string; readonly line: number };

/** Where a clusterConfig.yaml takes the system packages from. */
export function parseConfigPaths(text: string): ConfigPaths {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined)
    return { wrong: error.message.split('\n')[0] ?? 'no YAML', line: error.linePos?.[0].line ?? 1 };
  const { success, data } = shape.safeParse(document.toJS());
  return success ? data.spec.osRepos : { wrong: 'no isoPath and osPackagePath in spec.osRepos', line: 1 };
}
