/**
 * A stand-in for MinIO, which Debian does not ship: the few requests of the S3 API that a sync makes, objects in
 * memory. Reading and listing is open, as kubean's bucket is; writing needs a Signature Version 4, which is computed
 * here anew, from the specification and not by the code under test.
 */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface ObjectStore extends AsyncDisposable {
  /** By path: `/kubean/a.tar`. */
  readonly objects: Map<string, { content: Buffer; etag: string }>;
  /** By path, the size of the parts of an object that a test put there as if uploaded in parts. */
  readonly partBytes: Map<string, number>;
  /** Answers the next requests that write with these statuses, then well again. */
  failNext(...statuses: number[]): void;
}

interface Upload {
  readonly path: string;
  readonly parts: Map<number, Buffer>;
}

const md5 = (content: Buffer): string => createHash('md5').update(content).digest('hex');

/** The ETag of an object that was uploaded in parts. */
export function partsEtag(parts: readonly Buffer[]): string {
  return `"${md5(Buffer.concat(parts.map((part) => Buffer.from(md5(part), 'hex'))))}-${parts.length}"`;
}

/** Starts one. @param keys the only ones that may write */
export async function startObjectStore(o: {
  readonly address: string;
  readonly port: number;
  readonly accessKey: string;
  readonly secretKey: string;
}): Promise<ObjectStore> {
  const objects: ObjectStore['objects'] = new Map();
  const uploads = new Map<string, Upload>();
  const failures: number[] = [];
  const partBytes = new Map<string, number>();
  const server = createServer((request, response) => {
    const url = new URL(request.url as string, 'http://store');
    const writes = request.method !== 'GET' && request.method !== 'HEAD';
    const failure = writes ? failures.shift() : undefined;
    if (failure !== undefined) {
      request.resume();
      end(response, failure, 'busy');
      return;
    }
    const isOpen = !writes && !url.searchParams.has('uploads') && !url.searchParams.has('uploadId');
    if (!isOpen && !isSigned(request, o)) {
      end(response, 403, '<Error><Code>SignatureDoesNotMatch</Code></Error>');
      return;
    }
    void readAll(request).then((body) => {
      answer({ objects, uploads, partBytes }, request, response, url, body);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(o.port, o.address, resolve);
  });
  return {
    objects,
    partBytes,
    failNext: (...statuses) => void failures.push(...statuses),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Held {
  readonly objects: ObjectStore['objects'];
  readonly uploads: Map<string, Upload>;
  readonly partBytes: ReadonlyMap<string, number>;
}

function answer(
  { objects, uploads, partBytes }: Held,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  body: Buffer,
): void {
  const { pathname: path, searchParams: query } = url;
  const upload = uploads.get(query.get('uploadId') ?? '');
  if (request.method === 'PUT') {
    const sum = request.headers['content-md5'];
    if (sum !== undefined && sum !== createHash('md5').update(body).digest('base64')) {
      end(response, 400, '<Error><Code>BadDigest</Code></Error>');
      return;
    }
    if (upload !== undefined) upload.parts.set(Number(query.get('partNumber')), body);
    else objects.set(path, { content: body, etag: `"${md5(body)}"` });
    end(response, 200, '', { etag: `"${md5(body)}"` });
    return;
  }
  if (request.method === 'POST' && query.has('uploads')) {
    const id = `upload-${uploads.size}`;
    uploads.set(id, { path, parts: new Map() });
    end(
      response,
      200,
      `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
    return;
  }
  if (request.method === 'POST' && upload !== undefined) {
    const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, part]) => part);
    objects.set(upload.path, { content: Buffer.concat(parts), etag: partsEtag(parts) });
    uploads.delete(query.get('uploadId') as string);
    end(response, 200, '<CompleteMultipartUploadResult/>');
    return;
  }
  if (request.method === 'DELETE') {
    if (upload !== undefined) uploads.delete(query.get('uploadId') as string);
    else objects.delete(path);
    end(response, 204, '');
    return;
  }
  if (query.has('uploads')) {
    const open = [...uploads].map(
      ([id, { path: key }]) =>
        `<Upload><Key>${decodeURIComponent(key.split('/').slice(2).join('/'))}</Key><UploadId>${id}</UploadId></Upload>`,
    );
    end(response, 200, `<ListMultipartUploadsResult>${open.join('')}</ListMultipartUploadsResult>`);
    return;
  }
  if (upload !== undefined) {
    const parts = [...upload.parts].map(
      ([n, part]) => `<Part><PartNumber>${n}</PartNumber><ETag>&quot;${md5(part)}&quot;</ETag></Part>`,
    );
    end(response, 200, `<ListPartsResult>${parts.join('')}</ListPartsResult>`);
    return;
  }
  if (query.has('list-type')) end(response, 200, listing(objects, path));
  else serve({ objects, partBytes }, request, response, url);
}

function listing(objects: ObjectStore['objects'], path: string): string {
  const contents = [...objects]
    .filter(([key]) => key.startsWith(path))
    .map(
      ([key, { content, etag }]) =>
        `<Contents><Key>${decodeURIComponent(key.slice(path.length))}</Key><ETag>${etag.replaceAll('"', '&quot;')}</ETag><Size>${content.length}</Size></Contents>`,
    );
  return `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`;
}

/** An object, a range of it, or the first of its parts as `?partNumber=1` gives it: with 206, as MinIO does. */
function serve(
  { objects, partBytes }: Omit<Held, 'uploads'>,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): void {
  const found = objects.get(url.pathname);
  if (found === undefined) {
    end(response, url.pathname === '/minio/health/live' ? 200 : 404, '');
    return;
  }
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const isPart = url.searchParams.get('partNumber') === '1';
  const content =
    from !== undefined
      ? found.content.subarray(Number(from), to === '' ? undefined : Number(to) + 1)
      : isPart
        ? found.content.subarray(0, partBytes.get(url.pathname))
        : found.content;
  end(response, from === undefined && !isPart ? 200 : 206, request.method === 'HEAD' ? '' : content, {
    etag: found.etag,
    'content-length': String(content.length),
  });
}

function isSigned(request: IncomingMessage, o: { accessKey: string; secretKey: string }): boolean {
  const [, key, day, region, names, signature] =
    /Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})/.exec(
      request.headers.authorization ?? '',
    ) ?? [];
  if (key !== o.accessKey || names === undefined) return false;
  const [path, query = ''] = (request.url as string).split('?') as [string, string?];
  const sorted =
    query === ''
      ? ''
      : query
          .split('&')
          .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
          .sort()
          .join('&');
  const lines = names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const payload = request.headers['x-amz-content-sha256'];
  const canonical = `${request.method}\n${path}\n${sorted}\n${lines.join('')}\n${names}\n${payload}`;
  const hash = createHash('sha256').update(canonical).digest('hex');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${request.headers['x-amz-date']}\n${scope}\n${hash}`;
  const mac = (secret: string | Buffer, data: string): Buffer =>
    createHmac('sha256', secret).update(data).digest();
  const signing = mac(
    mac(mac(mac(`AWS4${o.secretKey}`, day as string), region as string), 's3'),
    'aws4_request',
  );
  return mac(signing, text).toString('hex') === signature;
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function end(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, headers);
  response.end(body);
}
