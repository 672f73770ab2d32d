import { realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { systemCode } from '../../base/errors.ts';
import { reply } from './reply.ts';
import { sendFile } from './send-file.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.yaml': 'application/yaml',
  '.json': 'application/json',
  '.tgz': 'application/gzip',
  '.gz': 'application/gzip',
  '.txt': 'text/plain; charset=utf-8',
};

/** Serves the files under `root`, hidden ones excepted. What lies outside, behind a symlink too, is not found. */
export async function serveFile(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return reply(response, 405, { allow: 'GET, HEAD' });
  const file = await findFile(root, request.url ?? '/');
  if (file === undefined) return reply(response, 404, { 'content-type': 'text/plain' }, 'not found\n');
  const etag = `"${file.mtime.getTime().toString(16)}-${file.size.toString(16)}"`;
  if (request.headers['if-none-match'] === etag) return reply(response, 304, { etag });
  sendFile(request, response, file, {
    etag,
    'last-modified': file.mtime.toUTCString(),
    'content-type': TYPES[extname(file.path)] ?? 'application/octet-stream',
  });
}

interface FoundFile {
  readonly path: string;
  readonly size: number;
  readonly mtime: Date;
}

async function findFile(root: string, url: string): Promise<FoundFile | undefined> {
  const words = pathWords(url);
  if (words === undefined) return undefined;
  try {
    const top = await realpath(root);
    const path = await realpath(join(top, ...words));
    if (path !== top && !path.startsWith(top + sep)) return undefined;
    const found = await stat(path);
    return found.isFile() ? { path, size: found.size, mtime: found.mtime } : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG'].includes(systemCode(error) ?? ''))
      return undefined;
    throw error;
  }
}

/** The path of a URL as folder and file names; undefined where a name could lead out of the root or to a hidden file. */
function pathWords(url: string): string[] | undefined {
  let path: string;
  try {
    path = decodeURIComponent(url.split('?')[0] as string);
  } catch {
    return undefined;
  }
  const words = path.split('/').filter((word) => word !== '');
  return words.some((word) => word.startsWith('.') || word.includes('\0')) ? undefined : words;
}
