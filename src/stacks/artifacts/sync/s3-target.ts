/**
 * Files in an S3 bucket, MinIO's say. What the source took in one piece is sent in one piece with its MD5, which the
 * server checks; what it took in parts is sent in parts of the same size, so that the ETags of both are the same.
 */
import { createHash, type Hash } from 'node:crypto';
import { finished } from 'node:stream/promises';
import type { Clock } from '../../../base/clock.ts';
import { hostAndPort } from '../../../probes/wire/host-and-port.ts';
import { type HttpClient, type HttpRequest, type HttpResponse, readBody } from '../http/client.ts';
import { digestMismatch } from '../http/digest-mismatch.ts';
import { notTaken } from '../http/not-taken.ts';
import type { Incoming } from '../http/stream-from.ts';
import type { Mark } from '../parity/mark.ts';
import type { ByteRange, FileTarget, SourceFile } from './file-target.ts';
import { type S3Keys, signed } from './sigv4.ts';

const LARGEST_ANSWER = 8 * 1_048_576;
const UNSIGNED = 'UNSIGNED-PAYLOAD';

interface Bucket {
  readonly client: HttpClient;
  readonly keys: S3Keys;
  readonly clock: Clock;
}

/** See the top of this file. @param client as it is: what is sent as a stream cannot be sent again */
export function s3Target(bucket: Bucket): FileTarget {
  return {
    async put(path, file) {
      const partBytes = await file.partBytes();
      if (partBytes === undefined) await putWhole(bucket, path, file);
      else await putInParts(bucket, path, file, partBytes);
    },
    async putText(path, text) {
      const body = Buffer.from(text);
      await expectOk(bucket, await send(bucket, { method: 'PUT', path, body }), path);
    },
    async remove(path) {
      await expectOk(bucket, await send(bucket, { method: 'DELETE', path }), path, 204);
    },
  };
}

async function putWhole(bucket: Bucket, path: string, file: SourceFile): Promise<void> {
  using incoming = await file.open({ md5: true });
  const md5 = wholeMd5(file.mark.etag);
  const got = await putStream(bucket, path, file, incoming, md5);
  const { digest } = file.mark;
  const sent = incoming.meter.digest();
  const isWrong = digest !== undefined && sent !== digest;
  if (!isWrong && got === incoming.meter.md5()) return;
  // It is there by now, and must not stay.
  await expectOk(bucket, await send(bucket, { method: 'DELETE', path }), path, 204);
  if (isWrong) throw digestMismatch(file.client, `file ${path}`, digest, sent);
  throw digestMismatch(bucket.client, `file ${path} after it was uploaded`, 'the MD5 of what was sent', got);
}

/** Sends one stream. @returns the MD5 that the server computed */
async function putStream(
  bucket: Bucket,
  path: string,
  file: SourceFile,
  incoming: Incoming,
  md5: string | undefined,
): Promise<string> {
  const headers = {
    'content-length': String(incoming.sizeBytes ?? 0),
    ...(md5 === undefined ? {} : { 'content-md5': Buffer.from(md5, 'hex').toString('base64') }),
  };
  try {
    const response = await send(bucket, { method: 'PUT', path, headers, body: incoming.body });
    await expectOk(bucket, response, path);
    return String(response.headers.etag).replaceAll('"', '');
  } catch (error) {
    const blamed = incoming.blame(error);
    const got = incoming.meter.writableFinished && md5 !== undefined ? incoming.meter.md5() : md5;
    throw got === md5 ? blamed : digestMismatch(file.client, `file ${path}`, String(md5), String(got));
  }
}

/**
 * Goes on with an upload that was begun before; its parts are checked at the end, by the ETag of the whole. Where the
 * source has none of an upload in parts, what it sends is hashed as a whole, also what need not be sent again.
 */
async function putInParts(bucket: Bucket, path: string, file: SourceFile, partBytes: number): Promise<void> {
  const upload = (await openUpload(bucket, path)) ?? (await beginUpload(bucket, path));
  const query = `${path}?uploadId=${encodeURIComponent(upload)}`;
  const parts = await listParts(bucket, query);
  const total = file.mark.sizeBytes ?? 0;
  const etag = partsEtag(file.mark.etag);
  const whole = etag === undefined ? wholeOf(file.mark) : undefined;
  for (let number = 1; (number - 1) * partBytes < total; number++) {
    const there = parts.get(number);
    if (there !== undefined && etag !== undefined) continue;
    const from = (number - 1) * partBytes;
    const range = { from, to: Math.min(total, from + partBytes) - 1 };
    const read = there === undefined ? undefined : await md5Of(file, path, range, whole?.hash);
    if (there !== undefined && there === read) continue;
    const place = `${path}?partNumber=${number}&uploadId=${encodeURIComponent(upload)}`;
    const hash = read === undefined ? whole?.hash : undefined;
    using incoming = await file.open({ range, md5: true, sha256: false, whole: hash });
    const got = await putStream(bucket, place, file, incoming, undefined);
    const sent = incoming.meter.md5();
    if (got !== sent) throw digestMismatch(bucket.client, `part ${number} of file ${path}`, sent, got);
    expectSize(file, path, range, incoming);
    parts.set(number, got);
  }
  const made = etagOfParts([...parts].sort(([a], [b]) => a - b).map(([, md5]) => md5));
  const wanted = etag ?? whole?.wanted;
  const got = etag === undefined ? whole?.hash.digest('hex') : made;
  if (got !== wanted) {
    (await send(bucket, { method: 'DELETE', path: query })).discard();
    throw digestMismatch(file.client, `file ${path}`, String(wanted), String(got));
  }
  const list = [...parts].sort(([a], [b]) => a - b);
  const xml = list.map(([n, tag]) => `<Part><PartNumber>${n}</PartNumber><ETag>"${tag}"</ETag></Part>`);
  const body = Buffer.from(`<CompleteMultipartUpload>${xml.join('')}</CompleteMultipartUpload>`);
  const response = await send(bucket, { method: 'POST', path: query, body });
  const text = await readText(bucket, response, path);
  // S3 may say 200 and fail afterwards.
  if (text.includes('<Error>')) throw await notTaken(bucket.client, response, path, 'the end of the upload');
}

/** The MD5 of a part of the source, which is read and not sent. */
async function md5Of(
  file: SourceFile,
  path: string,
  range: Required<ByteRange>,
  whole: Hash | undefined,
): Promise<string> {
  using incoming = await file.open({ range, md5: true, sha256: false, whole });
  try {
    await finished(incoming.body.resume());
  } catch (error) {
    throw incoming.blame(error);
  }
  expectSize(file, path, range, incoming);
  // Nothing was sent.
  incoming.blame(undefined);
  return incoming.meter.md5();
}

/** A file that has become shorter, or a server that sends less than it was asked for. */
function expectSize(
  file: SourceFile,
  path: string,
  { from, to }: Required<ByteRange>,
  { meter }: Incoming,
): void {
  const bytes = to - from + 1;
  if (meter.bytes === bytes) return;
  const what = `file ${path} from byte ${from} on`;
  throw digestMismatch(file.client, what, `${bytes} bytes`, `${meter.bytes} bytes`);
}

/** How the whole content is known: by its digest, else by its MD5; undefined: by its size only. */
function wholeOf({ digest, etag }: Mark): { readonly hash: Hash; readonly wanted: string } | undefined {
  if (digest !== undefined) return { hash: createHash('sha256'), wanted: digest.slice('sha256:'.length) };
  const md5 = wholeMd5(etag);
  return md5 === undefined ? undefined : { hash: createHash('md5'), wanted: md5 };
}

async function openUpload(bucket: Bucket, path: string): Promise<string | undefined> {
  const [, name, key] = /^\/([^/]+)\/(.*)$/.exec(path) as unknown as [string, string, string];
  const query = new URLSearchParams({ uploads: '', prefix: decodeURIComponent(key) });
  const place = `/${name}/?${query}`;
  const response = await send(bucket, { method: 'GET', path: place });
  const text = await readText(bucket, response, place);
  const uploads = [...text.matchAll(/<Upload>([\s\S]*?)<\/Upload>/g)].map(([, upload]) => upload as string);
  const own = uploads.find((upload) => /<Key>([^<]*)<\/Key>/.exec(upload)?.[1] === decodeURIComponent(key));
  return /<UploadId>([^<]+)<\/UploadId>/.exec(own ?? '')?.[1];
}

async function beginUpload(bucket: Bucket, path: string): Promise<string> {
  const response = await send(bucket, { method: 'POST', path: `${path}?uploads=` });
  const id = /<UploadId>([^<]+)<\/UploadId>/.exec(await readText(bucket, response, path))?.[1];
  if (id === undefined) throw await notTaken(bucket.client, response, path, 'the beginning of an upload');
  return id;
}

/** Parts that are there by number, with their MD5. */
async function listParts(bucket: Bucket, query: string): Promise<Map<number, string>> {
  const text = await readText(bucket, await send(bucket, { method: 'GET', path: query }), query);
  const parts = [...text.matchAll(/<Part>([\s\S]*?)<\/Part>/g)].map(([, part]): [number, string] => [
    Number(/<PartNumber>(\d+)/.exec(part as string)?.[1]),
    String(/<ETag>(?:"|&quot;|&#34;)?([0-9a-f]{32})/.exec(part as string)?.[1]),
  ]);
  return new Map(parts);
}

/** The ETag that S3 gives to an object of these parts: the MD5 of their MD5s, and how many they are. */
export function etagOfParts(md5s: readonly string[]): string {
  const all = Buffer.concat(md5s.map((md5) => Buffer.from(md5, 'hex')));
  return `${createHash('md5').update(all).digest('hex')}-${md5s.length}`;
}

/** The ETag of something uploaded in parts. */
function partsEtag(etag: string | undefined): string | undefined {
  return /^"?([0-9a-f]{32}-\d+)"?$/.exec(etag ?? '')?.[1];
}

/** The MD5 in an ETag of something uploaded in one piece. */
function wholeMd5(etag: string | undefined): string | undefined {
  return /^"?([0-9a-f]{32})"?$/.exec(etag ?? '')?.[1];
}

function send({ client, keys, clock }: Bucket, request: HttpRequest): Promise<HttpResponse> {
  const { address, port, scheme } = client.origin;
  const isDefault = port === (scheme === 'https' ? 443 : 80);
  const host = isDefault ? address : hostAndPort(address, port);
  const body = request.body instanceof Uint8Array ? request.body : undefined;
  const payload =
    request.body !== undefined && body === undefined
      ? UNSIGNED
      : createHash('sha256')
          .update(body ?? '')
          .digest('hex');
  const { method, path } = request;
  const authority = signed({ method, path, headers: { host }, payload }, keys, clock.now());
  return client.request({ ...request, headers: { ...request.headers, ...authority } });
}

async function readText({ client }: Bucket, response: HttpResponse, path: string): Promise<string> {
  if (response.status !== 200) throw await notTaken(client, response, path, 'a request');
  return (await readBody(client, response, LARGEST_ANSWER)).toString();
}

async function expectOk({ client }: Bucket, response: HttpResponse, path: string, ok = 200): Promise<void> {
  if (response.status !== ok) throw await notTaken(client, response, path, `a request on file ${path}`);
  response.discard();
}
