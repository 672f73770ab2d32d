/**
 * Logging in to a registry: HTTP Basic at once where credentials are given, and the token flow that a registry asks
 * for with `WWW-Authenticate: Bearer` (distribution specification, "Token Authentication"). Tokens live as long as the
 * comparison.
 */
import type { HttpAuth } from '../../../probes/args/http-args.ts';
import { authorization } from '../../../probes/wire/authorization.ts';
import { hostAndPort } from '../../../probes/wire/host-and-port.ts';
import { ArtifactsError } from '../error.ts';
import { type ClientContext, type HttpClient, openClient, readBody } from '../http/client.ts';
import type { RegistryHttp } from './registry-client.ts';

const LARGEST_TOKEN = 1_048_576;

/** A client that logs in where it is asked to. */
export function withLogin(client: HttpClient, auth: HttpAuth | undefined, ctx: ClientContext): RegistryHttp {
  const tokens = new Map<string, Promise<string>>();
  let basic: Promise<string> | undefined;
  const ownHeader = (): Promise<string> | undefined => {
    if (auth !== undefined) basic ??= authorization(auth, ctx);
    return basic;
  };
  return {
    client,
    async request(request, scope) {
      const known = (await tokens.get(scope)) ?? (await ownHeader());
      const send = (header: string | undefined) =>
        client.request(
          header === undefined
            ? request
            : { ...request, headers: { ...request.headers, authorization: header } },
        );
      const first = await send(known);
      const challenge = parseChallenge(first.headers['www-authenticate']);
      // A stream has been read: its sender must begin again.
      const isOnce = request.body !== undefined && !(request.body instanceof Uint8Array);
      if (first.status !== 401 || challenge === undefined || isOnce) return first;
      first.discard();
      const token = askToken(client, ctx, challenge, scope, await ownHeader());
      tokens.set(scope, token);
      // The next request asks anew: a token service may fail for a moment only.
      token.catch(() => tokens.get(scope) === token && tokens.delete(scope));
      return send(await token);
    },
  };
}

interface Challenge {
  readonly realm: string;
  readonly service?: string;
}

/** `Bearer realm="…",service="…"` (RFC 6750 section 3), or undefined. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const params = /^Bearer\s+(.*)$/i.exec(header ?? '')?.[1];
  if (params === undefined) return undefined;
  const read = (name: string): string | undefined =>
    new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(params)?.[1];
  const realm = read('realm');
  const service = read('service');
  return realm === undefined ? undefined : { realm, ...(service === undefined ? {} : { service }) };
}

/**
 * Fetches a token. The token service must be on the member that is asked: under the stack's name it would be that of
 * whichever member is active, and credentials would go to a machine that nobody named.
 */
async function askToken(
  client: HttpClient,
  ctx: ClientContext,
  challenge: Challenge,
  scope: string,
  header: string | undefined,
): Promise<string> {
  const { origin } = client;
  const realm = URL.parse(challenge.realm);
  if (realm === null || !isOwn(realm, origin)) throw foreign(client, challenge.realm);
  const scheme = realm.protocol === 'https:' ? 'https' : 'http';
  const port = Number(realm.port || (scheme === 'https' ? 443 : 80));
  realm.searchParams.set('scope', scope);
  if (challenge.service !== undefined) realm.searchParams.set('service', challenge.service);
  using tokens = openClient({ ...origin, scheme, port }, ctx);
  const path = realm.pathname + realm.search;
  const headers = header === undefined ? {} : { authorization: header };
  const response = await tokens.request({ method: 'GET', path, headers });
  const body = await readBody(tokens, response, LARGEST_TOKEN);
  const token = response.status === 200 ? tokenIn(body) : undefined;
  if (token === undefined) throw noToken(client, response.status);
  return `Bearer ${token}`;
}

function isOwn(realm: URL, { address, serverName }: HttpClient['origin']): boolean {
  const host = realm.hostname.replace(/^\[|\]$/g, '');
  return host === address || host === serverName?.toLowerCase();
}

function tokenIn(body: Buffer): string | undefined {
  try {
    const { token, access_token } = JSON.parse(body.toString()) as Record<string, unknown>;
    const found = token ?? access_token;
    return typeof found === 'string' && found !== '' ? found : undefined;
  } catch {
    return undefined;
  }
}

function foreign({ origin }: HttpClient, realm: string): ArtifactsError {
  return new ArtifactsError({
    code: 'artifacts/foreign-token-service',
    address: origin.address,
    message: `the registry at ${hostAndPort(origin.address, origin.port)} gets its tokens from elsewhere`,
    expected: `a token service on ${origin.address}${origin.serverName === undefined ? '' : ` or under ${origin.serverName}`}`,
    got: realm,
    hint: 'Let each member serve its own tokens, or use HTTP Basic credentials.',
  });
}

function noToken({ origin }: HttpClient, status: number): ArtifactsError {
  return new ArtifactsError({
    code: 'artifacts/refused',
    address: origin.address,
    message: `the token service of the registry at ${hostAndPort(origin.address, origin.port)} gave no token`,
    expected: 'status 200 and a token',
    got: `status ${status}`,
    hint: "Give credentials that may pull and list, with 'auth' of the stack's registry.",
    retryable: status >= 500,
  });
}
