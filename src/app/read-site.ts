/** Reads a site file and the files that it names. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { messageOf, systemCode } from '../base/errors.ts';
import { type Loaded, loadSite, type Need } from '../site/load.ts';
import type { SiteSchemas } from '../site/schemas.ts';
import { SiteUnreadableError } from './site-error.ts';

const PLAIN: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'a folder',
};

/**
 * Loads a site file from disk; `audit:` files are taken relative to its folder.
 * @param need what the caller works with: see `Loaded.isCut`
 * @throws SiteUnreadableError where the file itself cannot be read; its mistakes are findings
 */
export async function readSite(file: string, schemas: SiteSchemas, need: Need = 'all'): Promise<Loaded> {
  const folder = dirname(resolve(file));
  const text = await readFile(file).catch((cause: unknown) => {
    throw new SiteUnreadableError(file, cause, PLAIN[systemCode(cause) ?? ''] ?? messageOf(cause));
  });
  return loadSite({ file, text, schemas, need, readFile: (path) => readFileSync(resolve(folder, path)) });
}
