import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { hasOpenssl, makeAuthority } from '../../../../test/certificates.ts';
import { listen } from '../../../../test/listen.ts';
import { registryMissing, startRegistry } from '../../../../test/registry-server.ts';
import { SystemClock } from '../../../base/clock.ts';
import { Secret } from '../../../base/secret.ts';
import type { HttpAuth } from '../../../probes/args/http-args.ts';
import { type Origin, openClient } from '../http/client.ts';
import { repositories, tags } from './registry-client.ts';
import { parseChallenge, withLogin } from './registry-login.ts';

// s3cret
const htpasswd = 'ops:$2y$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK';
const ops: HttpAuth = { user: 'ops', password: 'env:PW' };
const plain = { scheme: 'http', address: '127.0.0.1', insecure: false, minValidFor: 0 } as const;

function connect(origin: Origin, auth: HttpAuth | undefined, password = 's3cret') {
  const ctx = {
    clock: new SystemClock(),
    signal: new AbortController().signal,
    concurrency: 2,
    secret: async () => new Secret('env:PW', password),
  };
  const client = openClient(origin, ctx);
  return { http: withLogin(client, auth, ctx), [Symbol.dispose]: () => client[Symbol.dispose]() };
}

async function list(http: Parameters<typeof repositories>[0]): Promise<string[]> {
  const names: string[] = [];
  for await (const name of repositories(http)) names.push(name);
  return names;
}

const title =
  registryMissing === undefined ? 'docker-registry' : `docker-registry (skipped: ${registryMissing})`;
describe.skipIf(registryMissing !== undefined)(title, () => {
  test('is logged in to with user and password', async () => {
    await using registry = await startRegistry({ htpasswd });
    using right = connect({ ...plain, port: registry.port }, ops);
    expect(await list(right.http)).toEqual([]);
  });

  test('that refuses the password or wants one is an error that says so, without the password', async () => {
    await using registry = await startRegistry({ htpasswd });
    using wrong = connect({ ...plain, port: registry.port }, ops, 'not-it');
    await expect(list(wrong.http)).rejects.toMatchObject({
      code: 'artifacts/refused',
      got: 'status 401',
      hint: expect.stringContaining("'auth'"),
    });
    using none = connect({ ...plain, port: registry.port }, undefined);
    const error = await list(none.http).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'artifacts/refused' });
    expect(JSON.stringify(error)).not.toContain('s3cret');
  });

  test.skipIf(!hasOpenssl())(
    'with a token service is logged in to by token, one for each scope',
    async () => {
      using authority = makeAuthority();
      const issuer = authority.issue(['DNS:tokens']);
      const scopes: string[] = [];
      const tokenServer = createServer((request, response) => {
        const url = new URL(request.url as string, 'http://tokens');
        const scope = url.searchParams.get('scope') as string;
        scopes.push(`${scope} ${request.headers.authorization === `Basic ${btoa('ops:s3cret')}`}`);
        response.end(
          JSON.stringify({ token: makeToken(issuer, url.searchParams.get('service') as string, scope) }),
        );
      });
      await using tokens = await listen(tokenServer);
      await using registry = await startRegistry({
        token: {
          realm: `http://127.0.0.1:${tokens.port}/token`,
          service: 'test',
          issuer: 'tokens',
          rootFile: authority.caFile,
        },
      });
      using at = connect({ ...plain, port: registry.port }, ops);
      expect(await list(at.http)).toEqual([]);
      expect(await tags(at.http, 'some/app')).toEqual([]);
      expect(await tags(at.http, 'some/app')).toEqual([]);
      expect(scopes).toEqual(['registry:catalog:* true', 'repository:some/app:pull true']);
    },
  );

  test.skipIf(!hasOpenssl())('whose token service is elsewhere gets no credentials sent there', async () => {
    const asked: string[] = [];
    const elsewhere = createServer((request, response) => {
      asked.push(request.headers.authorization ?? 'none');
      response.end('{}');
    });
    await using other = await listen(elsewhere, '127.0.0.9');
    using authority = makeAuthority();
    const realm = `http://127.0.0.9:${other.port}/token`;
    await using registry = await startRegistry({
      token: { realm, service: 'test', issuer: 'x', rootFile: authority.caFile },
    });
    using at = connect({ ...plain, port: registry.port }, ops);
    await expect(list(at.http)).rejects.toMatchObject({
      code: 'artifacts/foreign-token-service',
      got: realm,
    });
    expect(asked).toEqual([]);
  });

  test.skipIf(!hasOpenssl())('behind TLS is trusted by its CA and name, or not at all', async () => {
    using authority = makeAuthority();
    const { certFile, keyFile } = authority.issue(['DNS:registry.test']);
    await using registry = await startRegistry({ tls: { certFile, keyFile } });
    const origin: Origin = { ...plain, scheme: 'https', port: registry.port, serverName: 'registry.test' };
    using right = connect({ ...origin, caFile: authority.caFile }, undefined);
    expect(await list(right.http)).toEqual([]);
    using untrusted = connect(origin, undefined);
    await expect(list(untrusted.http)).rejects.toMatchObject({ code: 'artifacts/untrusted' });
    using otherName = connect(
      { ...origin, caFile: authority.caFile, serverName: 'www.other.test' },
      undefined,
    );
    await expect(list(otherName.http)).rejects.toMatchObject({
      code: 'artifacts/untrusted',
      message: expect.stringContaining('does not cover www.other.test'),
    });
  });
});

test('a token service that fails once is asked again', async () => {
  let failures = 1;
  const server = createServer((request, response) => {
    const isToken = request.url?.startsWith('/token') === true;
    if (isToken && failures-- > 0) response.writeHead(503).end();
    else if (isToken) response.end('{"token":"good"}');
    else if (request.headers.authorization === 'Bearer good') response.end('{"repositories":["app"]}');
    else {
      const realm = `http://127.0.0.1:${request.socket.localPort}/token`;
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end();
    }
  });
  await using registry = await listen(server);
  using at = connect({ ...plain, port: registry.port }, undefined);
  await expect(list(at.http)).rejects.toMatchObject({ code: 'artifacts/refused', retryable: true });
  expect(await list(at.http)).toEqual(['app']);
});

test.each([
  ['Bearer realm="https://r/token",service="s",scope="a:b:c"', { realm: 'https://r/token', service: 's' }],
  ['bearer realm="/x"', { realm: '/x' }],
  ['Basic realm="x"', undefined],
  ['Bearer error="invalid"', undefined],
  [undefined, undefined],
])('the challenge %j is read as %j', (header, challenge) => {
  expect(parseChallenge(header)).toEqual(challenge);
});

/** A token as docker-registry wants it (its own "Token Authentication Implementation"), signed with ES256. */
function makeToken(issuer: { key: string; cert: string }, audience: string, scope: string): string {
  const [type, name, actions] = scope.split(':') as [string, string, string];
  const now = Math.floor(Date.now() / 1_000);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = { typ: 'JWT', alg: 'ES256', x5c: [new X509Certificate(issuer.cert).raw.toString('base64')] };
  const claims = {
    iss: 'tokens',
    sub: 'ops',
    aud: audience,
    exp: now + 300,
    nbf: now - 60,
    iat: now,
    jti: randomUUID(),
    access: [{ type, name, actions: actions.split(',') }],
  };
  const signed = `${part(header)}.${part(claims)}`;
  const key = { key: createPrivateKey(issuer.key), dsaEncoding: 'ieee-p1363' } as const;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}
