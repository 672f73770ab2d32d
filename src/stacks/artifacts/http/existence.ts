import { hostAndPort } from '../../../probes/wire/host-and-port.ts';
import { ArtifactsError } from '../error.ts';
import type { Mark } from '../parity/mark.ts';
import type { HttpClient, HttpResponse } from './client.ts';

/**
 * What a server says of a file without sending it: by HEAD, and where that is not answered with 200 (ChartMuseum does
 * not know HEAD for packages) by a GET that is broken off after its headers.
 * @param good the status of what is there: 206 is that of one part of an object (S3's `partNumber`)
 * @returns undefined where there is no such file
 * @throws ArtifactsError for any other answer
 */
export async function markOf(
  client: HttpClient,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  good: readonly number[] = [200],
): Promise<Mark | undefined> {
  const head = await client.request({ method: 'HEAD', path, headers });
  head.discard();
  if (good.includes(head.status)) return toMark(head);
  const get = await client.request({ method: 'GET', path, headers });
  get.discard();
  if (good.includes(get.status)) return toMark(get);
  if (get.status === 404) return undefined;
  throw refused(client, path, get.status);
}

/** The error for a status that is neither 200 nor 404. */
export function refused(client: HttpClient, path: string, status: number): ArtifactsError {
  const { address, port } = client.origin;
  return new ArtifactsError({
    code: 'artifacts/refused',
    address,
    message: `${hostAndPort(address, port)} refused ${path}`,
    expected: 'status 200, or 404 where there is none',
    got: `status ${status}`,
    hint:
      status === 401 || status === 403
        ? "Give credentials that may read and list, with 'auth', or open the path for reading."
        : "Look into the server's log.",
    retryable: status >= 500 || status === 429,
  });
}

/** The error for an answer that is not what was asked for. */
export function notUnderstood(
  client: HttpClient,
  path: string,
  expected: string,
  got: string,
): ArtifactsError {
  const { address, port } = client.origin;
  return new ArtifactsError({
    code: 'artifacts/not-understood',
    address,
    message: `${hostAndPort(address, port)} answered ${path} with something else`,
    expected,
    got,
    hint: 'Check with curl what is served under that path.',
  });
}

function toMark({ headers }: HttpResponse): Mark {
  const size = headers['content-length'];
  const encoded = headers['content-encoding'] !== undefined;
  return {
    ...(headers.etag === undefined ? {} : { etag: headers.etag }),
    ...(size === undefined || encoded ? {} : { sizeBytes: Number(size) }),
  };
}
