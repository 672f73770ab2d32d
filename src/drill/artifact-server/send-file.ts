import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { parseRange } from './byte-range.ts';
import { reply } from './reply.ts';

/** Streams a file, or the part that was asked for, to a GET; the headers alone to a HEAD. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: { readonly path: string; readonly size: number },
  headers: Readonly<Record<string, string>>,
): void {
  const range = parseRange(request.headers.range, file.size);
  if (range === 'outside') {
    reply(response, 416, { 'content-range': `bytes */${file.size}` });
    return;
  }
  const length = range === undefined ? file.size : range.end - range.start + 1;
  response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    'accept-ranges': 'bytes',
    'content-length': length,
    ...(range === undefined ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${file.size}` }),
  });
  if (request.method === 'HEAD' || length === 0) {
    response.end();
    return;
  }
  // A client that goes away ends the stream; the file is closed by pipeline, and nobody is left to be told.
  pipeline(createReadStream(file.path, range ?? {}), response, () => {});
}
