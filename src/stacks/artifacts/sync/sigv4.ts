/** AWS Signature Version 4 (Amazon S3 API reference, "Authenticating Requests: Using the Authorization Header"). Pure. */
import { createHash, createHmac } from 'node:crypto';
import type { Secret } from '../../../base/secret.ts';

export interface S3Keys {
  readonly accessKey: Secret;
  readonly secretKey: Secret;
  readonly region: string;
}

export interface ToSign {
  readonly method: string;
  /** Path, percent-encoded as it is sent, with its query. */
  readonly path: string;
  /** All that are signed, `host` among them; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Hex SHA-256 of the body, or `UNSIGNED-PAYLOAD`. */
  readonly payload: string;
}

/** Headers with the signature added. @param nowMs wall clock */
export function signed(request: ToSign, keys: S3Keys, nowMs: number): Record<string, string> {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-content-sha256': request.payload,
    'x-amz-date': stamp,
  };
  const scope = `${stamp.slice(0, 8)}/${keys.region}/s3/aws4_request`;
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method,
    ...canonicalTarget(request.path),
    ...names.map((name) => `${name}:${headers[name]!.trim()}`),
    '',
    names.join(';'),
    request.payload,
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n');
  const signature = scopeKey(keys, stamp.slice(0, 8)).update(toSign).digest('hex');
  const credential = `${keys.accessKey.reveal()}/${scope}`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${names.join(';')},Signature=${signature}`,
  };
}

/** Path and sorted query, both encoded as RFC 3986 has it. */
function canonicalTarget(target: string): [string, string] {
  const { pathname, searchParams } = new URL(target, 'http://s3');
  const query = [...searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort();
  return [
    pathname
      .split('/')
      .map((word) => encode(decodeURIComponent(word)))
      .join('/'),
    query.join('&'),
  ];
}

/** A path or query word, percent-encoded as S3 wants it: all but letters, digits and `-._~`. */
export function encode(word: string): string {
  return encodeURIComponent(word).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function scopeKey({ secretKey, region }: S3Keys, day: string): ReturnType<typeof createHmac> {
  const steps = [day, region, 's3', 'aws4_request'];
  const key = steps.reduce<string | Buffer>(
    (secret, step) => createHmac('sha256', secret).update(step).digest(),
    `AWS4${secretKey.reveal()}`,
  );
  return createHmac('sha256', key);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
