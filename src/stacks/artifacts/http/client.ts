/**
 * HTTP to one service on one member: connections are kept and reused within one comparison or copy, certificates
 * judged as the https probe judges them, bodies streamed. Never follows a redirect to another server.
 */
import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import type { Clock } from '../../../base/clock.ts';
import { messageOf, systemCode } from '../../../base/errors.ts';
import { abortReason } from '../../../base/interrupt.ts';
import { renderReason } from '../../../base/reason.ts';
import type { Secret } from '../../../base/secret.ts';
import type { TlsArgs } from '../../../probes/args/tls-args.ts';
import { judgeCertificate, tlsReasons } from '../../../probes/verdict/certificate.ts';
import { connectTcp } from '../../../probes/wire/connect-tcp.ts';
import { shakeHands } from '../../../probes/wire/connect-tls.ts';
import { hostAndPort } from '../../../probes/wire/host-and-port.ts';
import { trust } from '../../../probes/wire/trust.ts';
import type { SecretRef } from '../../../site/secret-ref.ts';
import { ArtifactsError } from '../error.ts';

/** One service on one member. */
export interface Origin extends TlsArgs {
  readonly scheme: 'http' | 'https';
  readonly address: string;
  readonly port: number;
}

export interface ClientContext {
  readonly clock: Clock;
  /** Ends every request and connection of the client. */
  readonly signal: AbortSignal;
  /** How many connections at most. */
  readonly concurrency: number;
  secret(reference: SecretRef): Promise<Secret>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable | Uint8Array;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Read it to its end, or `dispose` it: its connection is not free before. */
  readonly body: Readable;
  /** Throws the rest of the body away. */
  discard(): void;
}

export interface HttpClient extends Disposable {
  readonly origin: Origin;
  /** @throws ArtifactsError, or the reason of the context's signal */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** What a broken body means: the reason of the context's signal where that has aborted, else an ArtifactsError. */
  failure(what: string, cause: unknown): Error;
}

/** How long a connection may be silent: a registry that takes over a blob of gigabytes reads all of it again first. */
const IDLE_MS = 120_000;

/** Opens nothing yet; the first request connects. Dispose it to close its connections. */
export function openClient(origin: Origin, ctx: ClientContext): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: ctx.concurrency, scheduling: 'fifo' });
  agent.createConnection = (_options, done) => {
    connect(origin, ctx).then(
      (socket) => done?.(null, socket),
      (error: Error) => done?.(error, undefined as unknown as Duplex),
    );
    return undefined;
  };
  return {
    origin,
    request: (request) => send(origin, ctx, agent, request),
    failure: (what, cause) => failure(origin, ctx, what, cause),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/**
 * Reads a body that cannot be large.
 * @throws ArtifactsError `artifacts/too-large`, `artifacts/unreachable` where it breaks off
 */
export async function readBody(
  client: HttpClient,
  response: HttpResponse,
  mostBytes: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > mostBytes) throw tooLarge(client.origin, mostBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    throw client.failure('read the answer', error);
  }
  return Buffer.concat(chunks);
}

async function connect(origin: Origin, ctx: ClientContext): Promise<Duplex> {
  const { address, port } = origin;
  const socket = await connectTcp(address, port, ctx.signal);
  if (origin.scheme === 'http') return socket;
  const name = origin.serverName ?? address;
  const handshake = await shakeHands(socket, { name, trust: await trust(origin.caFile), signal: ctx.signal });
  const { refused } = judgeCertificate(handshake.certificate, origin, {
    address,
    name,
    nowMs: ctx.clock.now(),
  });
  if (refused === undefined) return handshake.socket;
  handshake.socket.destroy();
  throw new ArtifactsError({
    code: 'artifacts/untrusted',
    address,
    message: renderReason(refused, [tlsReasons], 'en'),
    hint: 'Name the CA with caFile, pin the certificate with fingerprint, or accept any with insecure: true.',
  });
}

async function send(
  origin: Origin,
  ctx: ClientContext,
  agent: Agent,
  request: HttpRequest,
): Promise<HttpResponse> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendOnce(origin, ctx, agent, request);
    } catch (error) {
      // A kept connection may be closed by the server just as it is used again (RFC 9112 section 9.3.1).
      const isSafe = request.method === 'GET' || request.method === 'HEAD';
      const isStale = error instanceof StaleConnection;
      if (isStale && isSafe && attempt <= ctx.concurrency + 1 && !ctx.signal.aborted) continue;
      throw failure(origin, ctx, `${request.method} ${request.path}`, isStale ? error.cause : error);
    }
  }
}

class StaleConnection extends Error {}

function sendOnce(
  origin: Origin,
  ctx: ClientContext,
  agent: Agent,
  request: HttpRequest,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { method, path, headers, body } = request;
    const asking = httpRequest({
      agent,
      method,
      path,
      host: origin.address,
      port: origin.port,
      headers: { host: hostHeader(origin), 'user-agent': 'holdfast', ...headers },
      signal: ctx.signal,
    });
    asking.setTimeout(IDLE_MS, () => asking.destroy(new Error(`no byte came or went for ${IDLE_MS} ms`)));
    asking.on('error', (error) => {
      const isStale = asking.reusedSocket && systemCode(error) === 'ECONNRESET';
      reject(isStale ? new StaleConnection('stale', { cause: error }) : error);
    });
    asking.on('response', (response: IncomingMessage) =>
      resolve({
        status: response.statusCode as number,
        headers: response.headers,
        body: response,
        discard: () => discard(method, response),
      }),
    );
    if (body === undefined) asking.end();
    else if (body instanceof Uint8Array) asking.end(body);
    else {
      body.on('error', (error) => asking.destroy(error)).pipe(asking);
      // An answer before the end of the body, a refusal say: the rest is of no use.
      asking.on('close', () => body.destroy());
    }
  });
}

/**
 * A short rest is read so that the connection can be used again; a long one is cut off. An answer to HEAD has none,
 * whatever length it states.
 */
function discard(method: HttpRequest['method'], response: IncomingMessage): void {
  const length = Number(response.headers['content-length'] ?? Number.POSITIVE_INFINITY);
  response.on('error', () => {});
  if (method === 'HEAD' || length <= 65_536) response.resume();
  else response.destroy();
}

function hostHeader({ scheme, address, port, serverName }: Origin): string {
  const name = serverName ?? address;
  const isDefault = port === (scheme === 'https' ? 443 : 80);
  return isDefault && !name.includes(':') ? name : hostAndPort(name, port);
}

function failure({ address, port }: Origin, ctx: ClientContext, what: string, cause: unknown): Error {
  if (ctx.signal.aborted) return abortReason(ctx.signal);
  if (cause instanceof ArtifactsError) return cause;
  return new ArtifactsError({
    code: 'artifacts/unreachable',
    address,
    message: `${what} at ${hostAndPort(address, port)} failed: ${systemCode(cause) ?? messageOf(cause)}`,
    hint: 'Check that the service runs and that this machine may reach its port.',
    retryable: true,
    cause,
  });
}

function tooLarge({ address, port }: Origin, mostBytes: number): ArtifactsError {
  return new ArtifactsError({
    code: 'artifacts/too-large',
    address,
    message: `an answer of ${hostAndPort(address, port)} is too large to be what was asked for`,
    expected: `at most ${mostBytes} bytes`,
    hint: 'Check with a browser or curl what is served under that path.',
  });
}
