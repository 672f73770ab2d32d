import { printable } from '../../../probes/verdict/evidence.ts';
import { hostAndPort } from '../../../probes/wire/host-and-port.ts';
import { ArtifactsError } from '../error.ts';
import { type HttpClient, type HttpResponse, readBody } from './client.ts';

const LARGEST_ANSWER = 65_536;

/** The error for a server that did not take what was sent to it, with the beginning of what it said. */
export async function notTaken(
  client: HttpClient,
  response: HttpResponse,
  path: string,
  what: string,
): Promise<ArtifactsError> {
  const { address, port } = client.origin;
  const { status } = response;
  const said = await readBody(client, response, LARGEST_ANSWER).catch(() => Buffer.alloc(0));
  const mayNot = status === 401 || status === 403;
  return new ArtifactsError({
    code: 'artifacts/not-taken',
    address,
    message: `${hostAndPort(address, port)} did not take ${what} (${path})`,
    expected: 'status 2xx',
    got: `status ${status}${said.length === 0 ? '' : `: ${printable(said.toString(), 200)}`}`,
    hint: mayNot
      ? 'Give credentials that may write, by reference.'
      : 'See its log: a full disk, read-only mode, or a limit of a proxy in between.',
    retryable: status >= 500 || status === 429 || status === 408,
  });
}
