import { rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ArtifactMember, startMember } from '../../../../test/artifact-member.ts';
import { listen } from '../../../../test/listen.ts';
import { probeOnce } from '../../../../test/probe.ts';
import { pushImage, pushIndex, sha256 } from '../../../../test/push-image.ts';
import { renderReason } from '../../../base/reason.ts';
import { artifactsParity } from './artifacts-parity.ts';

/** Ports differ per test server, and both members must have the same: so each pair has its own comparison. */
async function compare(active: Served, candidate: Served, spec: object, o: object = {}) {
  return probeOnce(
    artifactsParity,
    {
      active: { member: 'standby', address: active.address },
      registry: false,
      files: false,
      charts: false,
      ...spec,
    },
    { target: { member: 'preferred', address: candidate.address }, timeoutMs: 20_000, ...o },
  );
}
interface Served {
  readonly address: string;
}
const plain = (port: number, more: object = {}) => ({ scheme: 'http', port, ...more });

/** Two servers on two addresses, one port, as members have it. */
async function servePair(active: RequestListener, candidate: RequestListener) {
  const first = await listen(createServer(active), '127.0.0.1');
  const second = createServer(candidate);
  await new Promise<void>((resolve, reject) => {
    second.once('error', reject);
    second.listen(first.port, '127.0.0.2', resolve);
  });
  return {
    port: first.port,
    async [Symbol.asyncDispose]() {
      await first[Symbol.asyncDispose]();
      second.closeAllConnections();
      await new Promise((resolve) => second.close(resolve));
    },
  };
}
const active = { address: '127.0.0.1' };
const candidate = { address: '127.0.0.2' };

describe('parity of two members', () => {
  let standby: ArtifactMember;
  let preferred: ArtifactMember;
  let toStandby: { port: number } & AsyncDisposable;
  beforeAll(async () => {
    standby = await startMember('127.0.0.3');
    preferred = await startMember('127.0.0.4');
    // Members share their ports in a site; the servers of a test do not, so each is forwarded to.
    toStandby = await servePair(forwardTo(standby.url), forwardTo(preferred.url));
  });
  afterAll(async () => {
    await toStandby[Symbol.asyncDispose]();
    await standby[Symbol.asyncDispose]();
    await preferred[Symbol.asyncDispose]();
  });
  const images = (more: object = {}) => ({ registry: plain(toStandby.port), ...more });
  const ask = (spec: object, o: object = {}) => compare(active, candidate, spec, o);

  test('is there between two empty registries', async () => {
    const result = await ask(images());
    expect(result).toMatchObject({ status: 'up', got: 'compared (images: 0, files: 0, charts: 0)' });
  });

  test('is there where all images are the same, indexes and both formats included; more on the candidate is fine', async () => {
    for (const at of [standby.url, preferred.url]) {
      await pushImage(at, { name: 'same/oci', tag: 'v1' });
      await pushImage(at, { name: 'same/docker', tag: 'v1', format: 'docker' });
      await pushIndex(at, { name: 'same/multi', tag: 'v1' });
      await pushIndex(at, { name: 'same/list', tag: 'v1', format: 'docker' });
    }
    await pushImage(preferred.url, { name: 'only/here', tag: 'v1' });
    const result = await ask(images());
    expect(result).toMatchObject({ status: 'up', got: 'compared (images: 4, files: 0, charts: 0)' });
    expect(renderReason(result.because, [artifactsParity.reasons], 'en')).toBe(
      'preferred holds everything that standby holds (images: 4, files: 0, charts: 0)',
    );
  });

  test('is not there where an image was pushed to the active member only, and names it', async () => {
    await pushImage(standby.url, { name: 'new/app', tag: 'v2' });
    await pushImage(standby.url, { name: 'new/app', tag: 'v3' });
    const result = await ask(images());
    expect(result).toMatchObject({ status: 'down', because: { code: 'artifacts/not-fit' } });
    expect(renderReason(result.because, [artifactsParity.reasons], 'en')).toBe(
      'preferred does not hold everything that standby holds: 2 of 6 are missing (new/app:v2, new/app:v3); holdfast sync --from standby --to preferred copies it',
    );
    expect(renderReason(result.because, [artifactsParity.reasons], 'zh')).toContain('6 项中缺少 2 项');
    await pushImage(preferred.url, { name: 'new/app', tag: 'v2' });
    await pushImage(preferred.url, { name: 'new/app', tag: 'v3' });
    expect(await ask(images())).toMatchObject({ status: 'up' });
  });

  test('is not there where a tag leads to another digest, and calls it a conflict', async () => {
    await pushImage(standby.url, { name: 'moved', tag: 'latest', seed: 'one' });
    await pushImage(preferred.url, { name: 'moved', tag: 'latest', seed: 'two' });
    const result = await ask(images());
    expect(result).toMatchObject({
      status: 'down',
      got: expect.stringContaining('another content: moved:latest'),
    });
    expect(renderReason(result.because, [artifactsParity.reasons], 'en')).toContain(
      'a person must say which is right',
    );
    await pushImage(preferred.url, { name: 'moved', tag: 'latest', seed: 'one' });
    expect(await ask(images())).toMatchObject({ status: 'up' });
  });

  test('is not there where a layer of one image of an index is gone, unless only digests are asked for', async () => {
    const { parts } = await pushIndex(standby.url, { name: 'torn', tag: 'v1', seed: 'torn' });
    await pushIndex(preferred.url, { name: 'torn', tag: 'v1', seed: 'torn' });
    expect(await ask(images())).toMatchObject({ status: 'up' });
    rmSync(join(preferred.root, '.registry/repositories/torn/_blobs', (parts[1] as string).slice(7)));
    const result = await ask(images());
    expect(result).toMatchObject({ status: 'down', got: expect.stringContaining('not whole: torn:v1') });
    expect(await ask(images({ parity: { depth: 'digests' } }))).toMatchObject({ status: 'up' });
    await pushIndex(preferred.url, { name: 'torn', tag: 'v1', seed: 'torn' });
  });

  test('does not miss what the active member has lost itself', async () => {
    const { parts } = await pushIndex(standby.url, { name: 'sparse', tag: 'v1', seed: 'sparse' });
    await pushIndex(preferred.url, { name: 'sparse', tag: 'v1', seed: 'sparse' });
    for (const at of [standby, preferred]) {
      rmSync(join(at.root, '.registry/repositories/sparse/_manifests', (parts[0] as string).slice(7)));
    }
    expect(await ask(images())).toMatchObject({ status: 'up' });
  });

  test('compares files by the checksums of an index, and asks for each file besides', async () => {
    const files = () => ({ files: plain(toStandby.port, { compare: { index: '/files/SHA256SUMS' } }) });
    standby.writeFiles({ 'a.tar': 'aaa', 'b.tar': 'bbb', 'sub/c d.tar': 'ccc' });
    preferred.writeFiles({ 'a.tar': 'aaa', 'b.tar': 'bbb', 'sub/c d.tar': 'ccc', 'more.tar': 'more' });
    expect(await ask(files())).toMatchObject({
      status: 'up',
      got: 'compared (images: 0, files: 3, charts: 0)',
    });
    preferred.writeFiles({ 'a.tar': 'aaa', 'b.tar': 'other', 'sub/c d.tar': 'ccc' });
    expect(await ask(files())).toMatchObject({
      got: expect.stringContaining('another content: /files/b.tar'),
    });
    preferred.writeFiles({ 'a.tar': 'aaa', 'b.tar': 'bbb' });
    expect(await ask(files())).toMatchObject({
      got: expect.stringContaining('not whole: /files/sub/c%20d.tar'),
    });
    preferred.writeFiles({ 'a.tar': 'aaa', 'b.tar': 'bbb', 'sub/c d.tar': 'ccc' });
    rmSync(join(preferred.root, 'files/a.tar'));
    expect(await ask(files())).toMatchObject({ got: expect.stringContaining('missing: /files/a.tar') });
    preferred.write('files/a.tar', 'cut off');
    expect(await ask(files())).toMatchObject({
      got: expect.stringContaining('another content: /files/a.tar'),
    });
    rmSync(join(preferred.root, 'files/SHA256SUMS'));
    expect(await ask(files())).toMatchObject({
      status: 'down',
      got: expect.stringMatching(/another content: \/files\/a\.tar; not whole: \/files\/b\.tar/),
    });
  });

  test('compares listed files by size where nothing better is said, and admits it', async () => {
    const files = { files: plain(toStandby.port, { compare: { list: ['/l/a', '/l/b', '/l/gone'] } }) };
    for (const at of [standby, preferred]) at.write('l/a', 'same');
    standby.write('l/b', '123');
    preferred.write('l/b', '12345');
    const result = await ask(files);
    expect(result.got).toBe(
      'compared (images: 0, files: 2, charts: 0, 1 of them by size or name only); another content: /l/b',
    );
    preferred.write('l/b', '321');
    expect(await ask(files)).toMatchObject({
      status: 'up',
      got: expect.stringContaining('2 of them by size'),
    });
  });

  test('compares charts by the digests in their indexes, and asks for each package besides', async () => {
    const charts = () => ({ charts: plain(toStandby.port, { path: '/charts/index.yaml' }) });
    standby.writeCharts({ 'nginx-1.0.0': 'n1', 'kpanda-0.1.0': 'k1' });
    preferred.writeCharts({ 'nginx-1.0.0': 'n1', 'kpanda-0.1.0': 'k1', 'more-9.9.9': 'm' });
    expect(await ask(charts())).toMatchObject({
      status: 'up',
      got: 'compared (images: 0, files: 0, charts: 2)',
    });
    preferred.writeCharts({ 'nginx-1.0.0': 'other', 'kpanda-0.1.0': 'k1' });
    expect(await ask(charts())).toMatchObject({
      got: expect.stringContaining('another content: nginx-1.0.0'),
    });
    preferred.writeCharts({ 'kpanda-0.1.0': 'k1' });
    expect(await ask(charts())).toMatchObject({ got: expect.stringContaining('missing: nginx-1.0.0') });
    preferred.writeCharts({ 'nginx-1.0.0': 'n1', 'kpanda-0.1.0': 'k1' });
    rmSync(join(preferred.root, 'charts/nginx-1.0.0.tgz'));
    expect(await ask(charts())).toMatchObject({ got: expect.stringContaining('not whole: nginx-1.0.0') });
  });

  test('stops with the cause where the prober is stopped', async () => {
    const stop = new AbortController();
    const asking = ask(images(), { signal: stop.signal });
    stop.abort(new Error('the watcher stops'));
    await expect(asking).rejects.toThrow('the watcher stops');
  });
});

describe('a member that cannot say what it holds', () => {
  const empty: RequestListener = (request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(request.url?.includes('_catalog') ? '{"repositories":[]}' : '{}');
  };
  const one: RequestListener = (request, response) => {
    if (request.url?.includes('_catalog')) response.end('{"repositories":["app"]}');
    else if (request.url?.includes('tags')) response.end('{"tags":["v1"]}');
    else response.setHeader('docker-content-digest', sha256('app')).end();
  };
  const fails: RequestListener = (_request, response) => response.writeHead(503).end();
  const spec = (port: number) => ({ registry: plain(port), parity: { depth: 'digests' } });

  test('is down where it is the candidate', async () => {
    await using pair = await servePair(one, fails);
    const result = await compare(active, candidate, spec(pair.port));
    expect(result).toMatchObject({ status: 'down', because: { code: 'artifacts/candidate-silent' } });
    expect(result.got).toContain('status 503');
  });

  test('leaves the question open where it is the active one: nothing may follow from that', async () => {
    await using pair = await servePair(fails, empty);
    const result = await compare(active, candidate, spec(pair.port));
    expect(result).toMatchObject({ status: 'unknown', because: { code: 'artifacts/active-silent' } });
  });

  test('is down where nothing listens on the candidate', async () => {
    await using server = await listen(createServer(one), '127.0.0.1');
    const result = await compare(active, candidate, spec(server.port));
    expect(result).toMatchObject({ status: 'down', got: expect.stringContaining('ECONNREFUSED') });
  });

  test.each([
    ['a web page', (r: RequestListenerArgs) => r.end('<html>')],
    ['names that lead elsewhere', (r: RequestListenerArgs) => r.end('{"repositories":["../../etc"]}')],
    [
      'an endless list of pages',
      (r: RequestListenerArgs) =>
        r.setHeader('link', '</v2/_catalog?n=100>; rel="next"').end('{"repositories":["a"]}'),
    ],
    [
      'an answer cut off in the middle',
      (r: RequestListenerArgs) =>
        r.writeHead(200, { 'content-length': 99 }).write('{"repo', () => r.destroy()),
    ],
  ])('leaves it open, too, where the active one answers with %s', async (_what, answer) => {
    await using pair = await servePair((request, response) => {
      if (request.url?.includes('tags')) response.end('{"tags":[]}');
      else answer(response);
    }, empty);
    expect(await compare(active, candidate, spec(pair.port))).toMatchObject({
      status: 'unknown',
      because: { code: 'artifacts/active-silent' },
    });
  });

  test('is late, not stuck, where it does not answer', async () => {
    await using pair = await servePair(() => {}, empty);
    const result = await compare(active, candidate, spec(pair.port), { timeoutMs: 200 });
    expect(result).toMatchObject({ status: 'down', because: { code: 'probe/no-end' } });
  });
});

describe('files in an S3 bucket', () => {
  /** As MinIO lists it, two objects a page. */
  const bucket =
    (objects: Readonly<Record<string, string>>): RequestListener =>
    (request, response) => {
      const url = new URL(request.url as string, 'http://s3');
      if (url.pathname !== '/kubean/' || url.searchParams.get('list-type') !== '2') {
        response.writeHead(404).end();
        return;
      }
      const keys = Object.keys(objects).sort();
      const from = Number(url.searchParams.get('continuation-token') ?? 0);
      const page = keys.slice(from, from + 2);
      const isMore = from + 2 < keys.length;
      const contents = page.map(
        (key) =>
          `<Contents><Key>${key}</Key><ETag>&quot;${sha256(objects[key] as string).slice(7, 39)}&quot;</ETag><Size>1</Size></Contents>`,
      );
      response.end(
        `<?xml version="1.0"?><ListBucketResult>${contents.join('')}<IsTruncated>${isMore}</IsTruncated>` +
          `${isMore ? `<NextContinuationToken>${from + 2}</NextContinuationToken>` : ''}</ListBucketResult>`,
      );
    };
  const spec = (port: number) => ({ files: plain(port) });

  test('are compared by ETag over all pages of the listing, bucket kubean by default', async () => {
    const objects = { 'a.tar': '1', 'b.tar': '2', 'c.tar': '3', 'd.tar': '4', 'e.tar': '5' };
    await using same = await servePair(bucket(objects), bucket({ ...objects, 'f.tar': '6' }));
    expect(await compare(active, candidate, spec(same.port))).toMatchObject({
      status: 'up',
      got: 'compared (images: 0, files: 5, charts: 0)',
    });
    const { 'e.tar': _gone, ...fewer } = { ...objects, 'b.tar': 'other' };
    await using other = await servePair(bucket(objects), bucket(fewer));
    expect(await compare(active, candidate, spec(other.port))).toMatchObject({
      got: expect.stringMatching(/missing: \/kubean\/e\.tar; another content: \/kubean\/b\.tar/),
    });
  });

  test('are all missing where the candidate has no such bucket', async () => {
    await using pair = await servePair(bucket({ a: '1' }), (_request, response) =>
      response.writeHead(404).end('<Error><Code>NoSuchBucket</Code></Error>'),
    );
    expect(await compare(active, candidate, spec(pair.port))).toMatchObject({
      status: 'down',
      got: expect.stringContaining('missing: /kubean/a'),
    });
  });

  test('are not missing where something else than S3 says 404: it is named', async () => {
    const other: RequestListener = (_request, response) =>
      response.writeHead(404).end('<h1>404 page not found</h1>');
    await using wanted = await servePair(bucket({ a: '1' }), other);
    expect(await compare(active, candidate, spec(wanted.port))).toMatchObject({
      status: 'down',
      because: { code: 'artifacts/candidate-silent' },
      got: expect.stringContaining('404 page not found'),
    });
    await using found = await servePair(other, bucket({ a: '1' }));
    expect(await compare(active, candidate, spec(found.port))).toMatchObject({ status: 'unknown' });
  });

  test('cannot be compared where the active member does not list its bucket', async () => {
    await using pair = await servePair((_request, response) => response.writeHead(403).end(), bucket({}));
    const result = await compare(active, candidate, spec(pair.port));
    expect(result).toMatchObject({ status: 'unknown', got: expect.stringContaining('status 403') });
  });
});

type RequestListenerArgs = Parameters<RequestListener>[1];

/** Hands every request on to another server, as it is. */
function forwardTo(base: string): RequestListener {
  const { hostname, port } = new URL(base);
  return (incoming, outgoing) => {
    import('node:http').then(({ request }) => {
      const { method, url, headers } = incoming;
      const onward = request({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
        outgoing.writeHead(answer.statusCode as number, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    });
  };
}
