/** Downloading one thing as a client does, and holding what came against what was promised. Nothing is kept. */
import { pipeline } from 'node:stream/promises';
import type { HttpClient, HttpRequest, HttpResponse } from '../http/client.ts';
import { digestMismatch } from '../http/digest-mismatch.ts';
import { streamFrom } from '../http/stream-from.ts';
import type { Mark } from '../parity/mark.ts';

export interface Whole {
  readonly bytes: number;
  /** What of the promise was checked; `length`: that the answer did not break off. */
  readonly by: 'SHA-256' | 'MD5' | 'size' | 'length';
}

/**
 * Reads `path` to its end.
 * @param o.what names it in the error: `file /kubean/a.tar`
 * @param o.promised digest, ETag (counted where it is the MD5 of the content) or size that the content must have
 * @param o.send asks the server; default: the client itself
 * @throws ArtifactsError where it is not given out, breaks off, or is something else than was promised
 */
export async function fetchWhole(
  client: HttpClient,
  path: string,
  o: {
    readonly what: string;
    readonly promised: Mark;
    readonly headers?: Readonly<Record<string, string>>;
    readonly send?: (request: HttpRequest) => Promise<HttpResponse>;
  },
): Promise<Whole> {
  const { digest, etag, sizeBytes } = o.promised;
  const md5 = /^"?([0-9a-f]{32})"?$/i.exec(etag ?? '')?.[1]?.toLowerCase();
  const request = {
    method: 'GET',
    path,
    headers: { ...o.headers, 'accept-encoding': 'identity' },
  } as const;
  const send = o.send ?? ((one: HttpRequest) => client.request(one));
  using incoming = await streamFrom(client, request, { send, md5: md5 !== undefined, onBytes: () => {} });
  const { meter } = incoming;
  try {
    await pipeline(incoming.body, async (chunks: AsyncIterable<Buffer>) => {
      for await (const _chunk of chunks);
    });
  } catch (error) {
    throw client.failure(`GET ${path}`, incoming.blame(error));
  }
  const wrong = (expected: string, got: string) => digestMismatch(client, o.what, expected, got);
  const { bytes } = meter;
  if (sizeBytes !== undefined && bytes !== sizeBytes) throw wrong(`${sizeBytes} bytes`, `${bytes} bytes`);
  if (digest !== undefined) {
    const got = meter.digest();
    if (got !== digest) throw wrong(digest, got);
    return { bytes, by: 'SHA-256' };
  }
  if (md5 === undefined) return { bytes, by: sizeBytes === undefined ? 'length' : 'size' };
  const got = meter.md5();
  if (got !== md5) throw wrong(`MD5 ${md5}`, `MD5 ${got}`);
  return { bytes, by: 'MD5' };
}
