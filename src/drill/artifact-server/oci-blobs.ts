/** Blobs and their uploads over HTTP: at once, in chunks, or mounted from another repository. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Digest } from '../../base/digest.ts';
import { parseName, parseOciDigest } from './oci-route.ts';
import type { OciStore } from './oci-store.ts';
import { OciRefusal, reply } from './reply.ts';
import { sendFile } from './send-file.ts';

/** Uploads that a request is writing to just now: a second writer would mix its bytes in. */
type Busy = Set<string>;

/** GET and HEAD give it, DELETE takes it out of the repository. */
export async function serveBlob(
  store: OciStore,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  digest: Digest,
): Promise<void> {
  if (request.method === 'DELETE') {
    if (!(await store.removeBlob(name, digest))) throw new OciRefusal(404, 'BLOB_UNKNOWN', 'no such blob');
    return reply(response, 202);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new OciRefusal(405, 'UNSUPPORTED', 'this cannot be done to a blob');
  }
  const blob = await store.blob(name, digest);
  if (blob === undefined) throw new OciRefusal(404, 'BLOB_UNKNOWN', 'no such blob');
  sendFile(request, response, blob, {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    etag: `"${digest}"`,
  });
}

/** POST begins an upload; with `mount` it links a blob instead, with `digest` the body is the whole blob. */
export async function beginUpload(
  store: OciStore,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  url: URL,
): Promise<void> {
  if (request.method !== 'POST') throw new OciRefusal(405, 'UNSUPPORTED', 'an upload begins with POST');
  const mount = url.searchParams.get('mount');
  const from = url.searchParams.get('from');
  if (mount !== null && from !== null) {
    const digest = parseOciDigest(mount);
    const held = (await store.blob(parseName(from), digest)) !== undefined;
    if (held && (await store.link(name, digest))) return replyCreated(response, name, digest);
  }
  const id = await store.beginUpload();
  const whole = url.searchParams.get('digest');
  if (whole === null) return replyProgress(response, 202, name, id, 0);
  await store.appendUpload(id, request);
  await finish(store, response, name, id, parseOciDigest(whole));
}

/** PATCH adds a chunk, PUT adds the last one and closes, GET tells how far it is, DELETE gives it up. */
export async function serveUpload(
  store: OciStore,
  busy: Busy,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  id: string,
  url: URL,
): Promise<void> {
  const size = await store.uploadSize(id);
  if (size === undefined) throw new OciRefusal(404, 'BLOB_UPLOAD_UNKNOWN', 'no such upload');
  if (request.method === 'GET') return replyProgress(response, 204, name, id, size);
  if (busy.has(id)) throw new OciRefusal(409, 'BLOB_UPLOAD_INVALID', 'another request writes to this upload');
  busy.add(id);
  try {
    switch (request.method) {
      case 'PATCH':
        refuseGap(request, size);
        await store.appendUpload(id, request);
        return replyProgress(response, 202, name, id, (await store.uploadSize(id)) ?? 0);
      case 'PUT': {
        const digest = parseOciDigest(url.searchParams.get('digest') ?? '');
        refuseGap(request, size);
        await store.appendUpload(id, request);
        return await finish(store, response, name, id, digest);
      }
      case 'DELETE':
        await store.cancelUpload(id);
        return reply(response, 204);
      default:
        throw new OciRefusal(405, 'UNSUPPORTED', 'this cannot be done to an upload');
    }
  } finally {
    busy.delete(id);
  }
}

async function finish(
  store: OciStore,
  response: ServerResponse,
  name: string,
  id: string,
  digest: Digest,
): Promise<void> {
  if (await store.finishUpload(id, name, digest)) return replyCreated(response, name, digest);
  await store.cancelUpload(id);
  throw new OciRefusal(400, 'DIGEST_INVALID', 'the content does not have the digest that was promised');
}

/** A chunk that says where it begins must begin where the last one ended. */
function refuseGap(request: IncomingMessage, size: number): void {
  const start = /^(?:bytes )?(\d+)-\d+/.exec(request.headers['content-range'] ?? '')?.[1];
  if (start === undefined || Number(start) === size) return;
  throw new OciRefusal(416, 'BLOB_UPLOAD_INVALID', `the next chunk begins at ${size}`);
}

function replyCreated(response: ServerResponse, name: string, digest: Digest): void {
  reply(response, 201, { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest });
}

/** `Range` names the last byte that is there; an empty upload says `0-0`, as the reference registry does. */
function replyProgress(
  response: ServerResponse,
  status: number,
  name: string,
  id: string,
  size: number,
): void {
  reply(response, status, {
    location: `/v2/${name}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, size - 1)}`,
    'docker-upload-uuid': id,
  });
}
