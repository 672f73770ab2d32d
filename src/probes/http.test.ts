import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { listen, listenTcp } from '../../test/listen.ts';
import { probeOnce } from '../../test/probe.ts';
import { http } from './http.ts';

function serve(handler: RequestListener) {
  return listen(createServer(handler));
}

describe('the http probe', () => {
  test('is up at a 2xx, and says what it asked, got and expected', async () => {
    await using server = await serve((_request, response) => response.end('hello'));
    const result = await probeOnce(http, { port: server.port, path: '/healthz' });
    expect(result).toMatchObject({
      status: 'up',
      asked: `GET http://127.0.0.1:${server.port}/healthz`,
      got: '200 OK',
      expected: 'status 2xx',
      because: { code: 'http/answered' },
    });
    expect(result).not.toHaveProperty('warnings');
  });

  test('is down at another status, and shows the start of what the server said', async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(503, { 'content-type': 'text/plain' });
      response.end('the disk\u001b[0m is\nfull');
    });
    const result = await probeOnce(http, { port: server.port });
    expect(result).toMatchObject({
      status: 'down',
      got: '503 Service Unavailable: the disk?[0m is full',
      because: { code: 'http/other-status', params: { status: '503 Service Unavailable', expected: '2xx' } },
    });
  });

  test.each([
    [401, [200, 401], 'up'],
    [204, '2xx', 'up'],
    [399, '200-399', 'up'],
    [400, '200-399', 'down'],
    [200, 204, 'down'],
    [503, ['2xx', 503], 'up'],
  ])('judges status %i against %j as %s', async (status, wanted, verdict) => {
    await using server = await serve((_request, response) => response.writeHead(status).end());
    expect(await probeOnce(http, { port: server.port, status: wanted })).toMatchObject({ status: verdict });
  });

  test('takes a redirect for an answer, not for a way on', async () => {
    let asked = 0;
    await using server = await serve((_request, response) => {
      asked++;
      response.writeHead(302, { location: '/login' }).end();
    });
    const result = await probeOnce(http, { port: server.port });
    expect(result).toMatchObject({ status: 'down', got: '302 Found → /login' });
    expect(asked).toBe(1);
  });

  test('follows redirects on the same member where told to, each on a new connection', async () => {
    const paths: string[] = [];
    await using server = await serve((request, response) => {
      paths.push(request.url as string);
      if (request.url === '/done?x=1') response.end('arrived');
      else response.writeHead(301, { location: '/done?x=1' }).end();
    });
    const result = await probeOnce(http, { port: server.port, redirects: 1, body: { contains: 'arrived' } });
    expect(result.status).toBe('up');
    expect(paths).toEqual(['/', '/done?x=1']);
  });

  test('never follows a redirect to another server, and does not follow for ever', async () => {
    await using server = await serve((request, response) => {
      const location = request.url === '/away' ? 'http://127.0.0.1:9/' : '/loop';
      response.writeHead(302, { location }).end();
    });
    const away = await probeOnce(http, { port: server.port, path: '/away', redirects: 3 });
    expect(away).toMatchObject({ status: 'down', because: { code: 'http/redirected-away' } });
    const loop = await probeOnce(http, { port: server.port, path: '/loop', redirects: 3 });
    expect(loop).toMatchObject({ status: 'down', because: { code: 'http/too-many-redirects' } });
  });

  test('sends the method, the Host header, further headers and credentials by reference', async () => {
    let seen: unknown;
    await using server = await serve((request, response) => {
      seen = [request.method, request.headers.host, request.headers['x-why'], request.headers.authorization];
      response.end();
    });
    await probeOnce(
      http,
      {
        port: server.port,
        method: 'HEAD',
        host: 'files.example',
        headers: { 'X-Why': 'probe' },
        auth: { user: 'ops', password: 'env:PW' },
      },
      { secrets: { 'env:PW': 's3cret' } },
    );
    expect(seen).toEqual(['HEAD', 'files.example', 'probe', `Basic ${btoa('ops:s3cret')}`]);
  });

  test('is unknown where a credential cannot be had: that is not the fault of the target', async () => {
    await using server = await serve((_request, response) => response.end());
    const result = await probeOnce(http, { port: server.port, auth: { bearer: 'env:NONE' } });
    expect(result).toMatchObject({ status: 'unknown', because: { code: 'probe/broken' } });
  });

  test('judges the body by text, by regular expression and by digest', async () => {
    await using server = await serve((_request, response) => response.end('version: 42\nready'));
    const sha256 = createHash('sha256').update('version: 42\nready').digest('hex');
    const ask = (body: object) => probeOnce(http, { port: server.port, body });
    expect(await ask({ contains: 'ready', matches: 'version: \\d+', sha256 })).toMatchObject({
      status: 'up',
    });
    expect(await ask({ contains: 'READY' })).toMatchObject({ because: { code: 'http/body-without' } });
    expect(await ask({ matches: '^ready' })).toMatchObject({ because: { code: 'http/body-unmatched' } });
    expect(await ask({ sha256: 'a'.repeat(64) })).toMatchObject({
      status: 'down',
      because: { code: 'http/body-differs', params: { got: sha256 } },
    });
  });

  test('wants the headers that it was told to want', async () => {
    await using server = await serve((_request, response) =>
      response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0').end(),
    );
    const ask = (responseHeaders: object) => probeOnce(http, { port: server.port, responseHeaders });
    expect(await ask({ 'docker-distribution-api-version': 'registry/2' })).toMatchObject({ status: 'up' });
    expect(await ask({ 'x-other': 'x' })).toMatchObject({ because: { code: 'http/header-missing' } });
  });

  test('reads no more of an endless body than it may, and refuses to call it whole', async () => {
    await using server = await serve((_request, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(10_000))) {}
      };
      response.on('drain', pour);
      pour();
    });
    expect(await probeOnce(http, { port: server.port })).toMatchObject({ status: 'up' });
    const digest = { port: server.port, maxBodyBytes: 50_000, body: { sha256: 'a'.repeat(64) } };
    expect(await probeOnce(http, digest)).toMatchObject({
      status: 'down',
      because: { code: 'http/body-too-long', params: { limit: 50_000 } },
    });
  });

  test('is down where the server accepts and says nothing, naming what was missing', async () => {
    await using server = await listenTcp(() => {});
    const result = await probeOnce(http, { port: server.port }, { timeoutMs: 100 });
    expect(result).toMatchObject({ status: 'down', because: { code: 'probe/no-response' } });
  });

  test('is down where the body stops in the middle, by silence or by a cut', async () => {
    await using silent = await listenTcp((s) => s.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'));
    const late = await probeOnce(http, { port: silent.port }, { timeoutMs: 100 });
    expect(late).toMatchObject({ status: 'down', because: { code: 'probe/no-body' } });
    await using cut = await listenTcp((s) => s.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'));
    expect(await probeOnce(http, { port: cut.port })).toMatchObject({
      status: 'down',
      because: { code: 'probe/reset' },
    });
  });

  test('is down where something else than HTTP answers, or nothing is said at all', async () => {
    await using ssh = await listenTcp((socket) => socket.write('SSH-2.0-OpenSSH\r\n'));
    expect(await probeOnce(http, { port: ssh.port })).toMatchObject({
      status: 'down',
      because: { code: 'http/not-http' },
    });
    await using mute = await listenTcp((socket) => socket.end());
    expect(await probeOnce(http, { port: mute.port })).toMatchObject({
      status: 'down',
      because: { code: 'http/closed' },
    });
  });

  test('opens a new connection for each probe and leaves none open', async () => {
    const ports = new Set<number | undefined>();
    let open = 0;
    const plain = createServer((request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    });
    plain.on('connection', (socket) => {
      open++;
      socket.on('close', () => open--);
    });
    await using server = await listen(plain);
    for (let n = 0; n < 3; n++) await probeOnce(http, { port: server.port });
    expect(ports.size).toBe(3);
    await expect.poll(() => open).toBe(0);
  });

  test('refuses a secret in a header, a path that would break the request, and a broken expression', () => {
    const issue = (args: object) => http.args.safeParse(args).error?.issues[0]?.message;
    expect(issue({ headers: { Authorization: 'Bearer x' } })).toContain("use 'auth' with a reference");
    expect(issue({ path: '/a\r\nX: y' })).toContain('a path');
    expect(issue({ headers: { 'x-a': 'b\r\nc: d' } })).toContain('one line');
    expect(issue({ body: { matches: '(' } })).toContain('regular expression');
    expect(issue({ status: '2x' })).toContain("got '2x'");
    expect(issue({ auth: { user: 'a', password: 'plain' } })).toBeDefined();
  });
});
