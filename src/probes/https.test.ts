import { X509Certificate } from 'node:crypto';
import { createServer as createPlain } from 'node:http';
import { createServer } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, hasOpenssl, type Issued, makeAuthority } from '../../test/certificates.ts';
import { listen, listenTcp } from '../../test/listen.ts';
import { probeOnce } from '../../test/probe.ts';
import { SystemClock } from '../base/clock.ts';
import { https } from './https.ts';

const name = 'registry.example';
const skip = !hasOpenssl();

class ShiftedClock extends SystemClock {
  readonly #days: number;
  constructor(days: number) {
    super();
    this.#days = days;
  }
  override now(): number {
    return super.now() + this.#days * 86_400_000;
  }
}

describe.skipIf(skip)('the https probe (skipped where openssl is missing)', () => {
  let authority: Authority;
  let covers: Issued;
  let ipOnly: Issued;
  beforeAll(() => {
    authority = makeAuthority();
    covers = authority.issue([`DNS:${name}`, 'IP:127.0.0.1']);
    ipOnly = authority.issue(['IP:127.0.0.1']);
  });
  afterAll(() => authority[Symbol.dispose]());

  const serve = (issued: Issued, seen: (what: string) => void = () => {}) =>
    listen(
      createServer(issued, (request, response) => {
        seen(`${(request.socket as { servername?: string | false }).servername} ${request.headers.host}`);
        response.end('ok');
      }),
    );

  test('is up where the chain leads to the given CA and the names cover the one asked for', async () => {
    let seen = '';
    await using server = await serve(covers, (what) => {
      seen = what;
    });
    const args = { port: server.port, caFile: authority.caFile, serverName: name };
    const result = await probeOnce(https, args);
    expect(result).toMatchObject({
      status: 'up',
      asked: `GET https://127.0.0.1:${server.port}/`,
      got: '200 OK',
    });
    expect(result).not.toHaveProperty('warnings');
    expect(seen).toBe(`${name} ${name}:${server.port}`);
  });

  test('holds the certificate against the address where no name is given', async () => {
    await using server = await serve(ipOnly);
    const result = await probeOnce(https, { port: server.port, caFile: authority.caFile });
    expect(result.status).toBe('up');
  });

  test('is down at an authority that nobody trusts, and sends no credentials there', async () => {
    let asked = 0;
    await using server = await serve(covers, () => asked++);
    const args = { port: server.port, serverName: name, auth: { bearer: 'env:TOKEN' } };
    const result = await probeOnce(https, args, { secrets: { 'env:TOKEN': 'secret' } });
    expect(result).toMatchObject({ status: 'down', because: { code: 'tls/untrusted' } });
    expect(result.got).toContain(name);
    expect(asked).toBe(0);
  });

  test('is down where the certificate does not cover the name: after a failover every client would refuse it', async () => {
    await using server = await serve(ipOnly);
    const result = await probeOnce(https, { port: server.port, caFile: authority.caFile, serverName: name });
    expect(result).toMatchObject({
      status: 'down',
      because: { code: 'tls/name-not-covered', params: { name, names: 'IP Address:127.0.0.1' } },
    });
  });

  test('is up with a warning for the same certificate where it is told to be insecure', async () => {
    await using server = await serve(ipOnly);
    const result = await probeOnce(https, { port: server.port, insecure: true, serverName: name });
    expect(result.status).toBe('up');
    expect(result.warnings?.map((warning) => warning.code)).toEqual(['tls/name-not-covered']);
  });

  test('accepts a pinned certificate without its authority, and no other', async () => {
    const { fingerprint256 } = new X509Certificate(covers.cert);
    await using server = await serve(covers);
    await using other = await serve(ipOnly);
    const pinned = { fingerprint: fingerprint256, serverName: name };
    expect(await probeOnce(https, { ...pinned, port: server.port })).toMatchObject({ status: 'up' });
    const lower = fingerprint256.replaceAll(':', '').toLowerCase();
    expect(await probeOnce(https, { fingerprint: lower, port: server.port })).toMatchObject({ status: 'up' });
    const either = ['0'.repeat(64), fingerprint256];
    expect(await probeOnce(https, { fingerprint: either, port: server.port })).toMatchObject({
      status: 'up',
    });
    expect(await probeOnce(https, { ...pinned, port: other.port })).toMatchObject({
      status: 'down',
      because: { code: 'tls/other-fingerprint' },
    });
  });

  test('warns before a certificate expires and is down once it has', async () => {
    await using server = await serve(covers);
    const args = { port: server.port, caFile: authority.caFile, serverName: name };
    const soon = await probeOnce(https, args, { clock: new ShiftedClock(360) });
    expect(soon.status).toBe('up');
    expect(soon.warnings?.map((warning) => warning.code)).toEqual(['tls/expires-soon']);
    const ended = await probeOnce(https, args, { clock: new ShiftedClock(366) });
    expect(ended).toMatchObject({ status: 'down', because: { code: 'tls/expired' } });
    const unminded = await probeOnce(https, { ...args, insecure: true }, { clock: new ShiftedClock(366) });
    expect(unminded.status).toBe('up');
    expect(unminded.warnings?.map((warning) => warning.code)).toEqual(['tls/expired']);
  });

  test('says that a plain port does not speak TLS', async () => {
    await using server = await listen(createPlain((_request, response) => response.end()));
    const result = await probeOnce(https, { port: server.port, insecure: true });
    expect(result).toMatchObject({ status: 'down', because: { code: 'tls/not-tls' } });
  });

  test('tells a handshake that hangs from one that is cut off', async () => {
    await using silent = await listenTcp(() => {});
    const late = await probeOnce(https, { port: silent.port }, { timeoutMs: 200 });
    expect(late).toMatchObject({ status: 'down', because: { code: 'probe/no-handshake' } });
    await using cut = await listenTcp((socket) => socket.once('data', () => socket.end()));
    const result = await probeOnce(https, { port: cut.port });
    expect(result).toMatchObject({ status: 'down', because: { code: 'probe/reset' } });
  });

  test('is unknown where the CA file is missing or holds no certificate: the target is not to blame', async () => {
    await using server = await serve(covers);
    const ask = (caFile: string) => probeOnce(https, { port: server.port, caFile });
    expect(await ask('/nonexistent/ca.pem')).toMatchObject({
      status: 'unknown',
      because: { code: 'tls/no-ca-file' },
    });
    expect(await ask(covers.keyFile)).toMatchObject({
      status: 'unknown',
      because: { code: 'tls/no-ca-file' },
    });
  });

  test('rejects with the cause where it is stopped in the handshake', async () => {
    await using silent = await listenTcp(() => {});
    const stop = new AbortController();
    const probing = probeOnce(https, { port: silent.port }, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('stopped')), 30);
    await expect(probing).rejects.toThrow('stopped');
  });
});
