import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pushBlob, pushImage, pushIndex, pushManifest, sha256 } from '../../test/push-image.ts';
import { registryMissing, skopeoMissing, startRegistry } from '../../test/registry-server.ts';
import { silentLogger } from '../base/log.ts';
import { type ArtifactServer, isLoopback, startArtifactServer } from './artifact-server.ts';

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, 'artifact-server.ts');

interface Served extends AsyncDisposable {
  readonly url: string;
  readonly root: string;
}
async function serve(): Promise<Served> {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-artifacts-'));
  const server: ArtifactServer = await startArtifactServer({
    address: '127.0.0.1',
    port: 0,
    root,
    log: silentLogger,
  });
  return {
    url: server.url,
    root,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const registries = [
  { kind: 'the embedded registry', start: serve, missing: undefined },
  { kind: "Debian's docker-registry", start: () => startRegistry(), missing: registryMissing },
];

// What is asserted here of ours is asserted of the real one too, so that it is the specification and not our idea of it.
describe.each(registries)('$kind', ({ start, missing }) => {
  describe.skipIf(missing !== undefined)(
    missing === undefined ? 'pull and push' : `skipped: ${missing}`,
    () => {
      let at: { url: string } & AsyncDisposable;
      beforeAll(async () => {
        at = await start();
      });
      afterAll(() => at[Symbol.asyncDispose]());

      test('says at /v2/ that it is a registry', async () => {
        const response = await fetch(`${at.url}/v2/`);
        expect(response.status).toBe(200);
        expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
        expect(await response.json()).toEqual({});
      });

      test.each(['oci', 'docker'] as const)(
        'gives back the very bytes of an image in %s format',
        async (format) => {
          const name = `library/one-${format}`;
          const pushed = await pushImage(at.url, { name, tag: 'v1', format });
          const byTag = await fetch(`${at.url}/v2/${name}/manifests/v1`, {
            headers: { accept: pushed.mediaType },
          });
          expect(byTag.headers.get('docker-content-digest')).toBe(pushed.digest);
          expect(byTag.headers.get('content-type')).toBe(pushed.mediaType);
          expect(sha256(Buffer.from(await byTag.arrayBuffer()))).toBe(pushed.digest);
          const head = await fetch(`${at.url}/v2/${name}/manifests/${pushed.digest}`, {
            method: 'HEAD',
            headers: { accept: pushed.mediaType },
          });
          expect(head.headers.get('content-length')).toBe(String(pushed.size));
          for (const part of pushed.parts) {
            const blob = await fetch(`${at.url}/v2/${name}/blobs/${part}`);
            expect(sha256(Buffer.from(await blob.arrayBuffer()))).toBe(part);
          }
        },
      );

      test('keeps an index with its images', async () => {
        const pushed = await pushIndex(at.url, { name: 'multi', tag: 'v1' });
        const head = await fetch(`${at.url}/v2/multi/manifests/v1`, {
          method: 'HEAD',
          headers: { accept: pushed.mediaType },
        });
        expect(head.headers.get('docker-content-digest')).toBe(pushed.digest);
      });

      test('refuses a manifest whose layers it does not hold, and a blob that is not what was promised', async () => {
        const config = {
          mediaType: 'application/vnd.oci.image.config.v1+json',
          digest: sha256('no such blob'),
          size: 2,
        };
        const mediaType = 'application/vnd.oci.image.manifest.v1+json';
        const content = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] }));
        await expect(pushManifest(at.url, 'broken', 'v1', mediaType, content)).rejects.toThrow(
          'BLOB_UNKNOWN',
        );
        const opened = await fetch(`${at.url}/v2/broken/blobs/uploads/`, { method: 'POST' });
        const place = new URL(opened.headers.get('location') as string, at.url);
        place.searchParams.set('digest', sha256('promised'));
        const put = await fetch(place, { method: 'PUT', body: 'given' });
        expect(put.status).toBe(400);
        expect(await put.text()).toContain('DIGEST_INVALID');
      });

      test('takes a blob in chunks, and tells how far it is', async () => {
        const content = randomBytes(30_000);
        const opened = await fetch(`${at.url}/v2/chunks/blobs/uploads/`, { method: 'POST' });
        expect(opened.status).toBe(202);
        let place = opened.headers.get('location') as string;
        for (const [start, end] of [
          [0, 10_000],
          [10_000, 20_000],
        ] as const) {
          const patched = await fetch(new URL(place, at.url), {
            method: 'PATCH',
            headers: { 'content-type': 'application/octet-stream', 'content-range': `${start}-${end - 1}` },
            body: content.subarray(start, end),
          });
          expect(patched.status).toBe(202);
          expect(patched.headers.get('range')).toBe(`0-${end - 1}`);
          place = patched.headers.get('location') as string;
        }
        const last = new URL(place, at.url);
        last.searchParams.set('digest', sha256(content));
        const closed = await fetch(last, { method: 'PUT', body: content.subarray(20_000) });
        expect(closed.status).toBe(201);
        const back = await fetch(`${at.url}/v2/chunks/blobs/${sha256(content)}`);
        expect(Buffer.from(await back.arrayBuffer()).equals(content)).toBe(true);
      });

      test('gives a part of a blob', async () => {
        const digest = await pushBlob(at.url, 'parts', Buffer.from('0123456789'));
        const part = await fetch(`${at.url}/v2/parts/blobs/${digest}`, { headers: { range: 'bytes=2-4' } });
        expect([part.status, await part.text()]).toEqual([206, '234']);
      });

      test('links a blob of another repository instead of taking it again', async () => {
        const digest = await pushBlob(at.url, 'from/here', Buffer.from('mounted'));
        const query = `mount=${digest}&from=from/here`;
        const mounted = await fetch(`${at.url}/v2/to/there/blobs/uploads/?${query}`, { method: 'POST' });
        expect(mounted.status).toBe(201);
        expect((await fetch(`${at.url}/v2/to/there/blobs/${digest}`)).status).toBe(200);
      });

      test('lists repositories page by page, each link leading to the next page', async () => {
        for (const name of ['page/a', 'page/b', 'page/c']) await pushImage(at.url, { name, tag: 'v1' });
        const seen: string[] = [];
        let next: string | null = '/v2/_catalog?n=2';
        while (next !== null) {
          const response: Response = await fetch(new URL(next, at.url));
          const { repositories } = (await response.json()) as { repositories: string[] };
          expect(repositories.length).toBeLessThanOrEqual(2);
          seen.push(...repositories);
          next = /<(.+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1] ?? null;
        }
        expect(seen).toEqual([...seen].sort());
        expect(seen).toEqual(expect.arrayContaining(['page/a', 'page/b', 'page/c']));
      });

      test('lists the tags of a repository, and knows none of one that is not there', async () => {
        for (const tag of ['v2', 'v1']) await pushImage(at.url, { name: 'tagged', tag });
        const list = await fetch(`${at.url}/v2/tagged/tags/list`);
        expect(await list.json()).toEqual({ name: 'tagged', tags: ['v1', 'v2'] });
        const none = await fetch(`${at.url}/v2/none/tags/list`);
        expect(none.status).toBe(404);
        expect(await none.text()).toContain('NAME_UNKNOWN');
      });

      test('forgets a manifest and its tags when it is deleted', async () => {
        const { digest } = await pushImage(at.url, { name: 'gone', tag: 'v1' });
        const gone = await fetch(`${at.url}/v2/gone/manifests/${digest}`, { method: 'DELETE' });
        expect(gone.status).toBe(202);
        const after = await fetch(`${at.url}/v2/gone/manifests/v1`);
        expect(after.status).toBe(404);
        expect(await after.text()).toContain('MANIFEST_UNKNOWN');
      });

      test.skipIf(skopeoMissing !== undefined)(
        `is pushed to and pulled from by skopeo${skopeoMissing === undefined ? '' : ` (skipped: ${skopeoMissing})`}`,
        async () => {
          const folder = mkdtempSync(join(tmpdir(), 'holdfast-skopeo-'));
          try {
            const host = at.url.replace('http://', '');
            const { digest } = await pushIndex(at.url, { name: 'sk/from', tag: 'v1', seed: 'skopeo' });
            const insecure = ['--insecure-policy'];
            await run('skopeo', [
              ...insecure,
              'copy',
              '--all',
              '--src-tls-verify=false',
              `docker://${host}/sk/from:v1`,
              `oci:${folder}/layout:v1`,
            ]);
            await run('skopeo', [
              ...insecure,
              'copy',
              '--all',
              '--dest-tls-verify=false',
              `oci:${folder}/layout:v1`,
              `docker://${host}/sk/to:v2`,
            ]);
            const inspected = await run('skopeo', [
              'inspect',
              '--raw',
              '--tls-verify=false',
              `docker://${host}/sk/to:v2`,
            ]);
            expect(sha256(inspected.stdout)).toBe(digest);
            const tags = await run('skopeo', ['list-tags', '--tls-verify=false', `docker://${host}/sk/to`]);
            expect(JSON.parse(tags.stdout).Tags).toEqual(['v2']);
          } finally {
            rmSync(folder, { recursive: true, force: true });
          }
        },
      );
    },
  );
});

describe('the artifact server', () => {
  test('serves files and the chart index with a validator, a range and no body for HEAD', async () => {
    await using at = await serve();
    mkdirSync(join(at.root, 'charts'));
    writeFileSync(join(at.root, 'charts', 'index.yaml'), 'apiVersion: v1\nentries: {}\n');
    const url = `${at.url}/charts/index.yaml`;
    const whole = await fetch(url);
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'application/yaml']);
    expect(await whole.text()).toContain('apiVersion: v1');
    const etag = whole.headers.get('etag') as string;
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const part = await fetch(url, { headers: { range: 'bytes=-3' } });
    expect([part.status, await part.text()]).toEqual([206, '{}\n']);
    expect((await fetch(url, { headers: { range: 'bytes=900-' } })).status).toBe(416);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['27', '']);
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(405);
  });

  test('serves nothing that lies outside its root, is hidden or is a folder', async () => {
    await using at = await serve();
    await pushImage(at.url, { name: 'secret', tag: 'v1' });
    symlinkSync('/etc/passwd', join(at.root, 'passwd'));
    mkdirSync(join(at.root, 'folder'));
    const paths = [
      '/../../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/passwd',
      '/.registry/blobs',
      '/folder',
      '/',
      '/%',
      '/a%00b',
    ];
    for (const path of paths) expect([path, await rawStatus(at.url, path)]).toEqual([path, 404]);
  });

  test.each([
    ['/v2/UPPER/tags/list', 400],
    ['/v2/../../etc/tags/list', 404],
    ['/v2/a/manifests/..', 404],
    ['/v2/a/manifests/-tag', 400],
    ['/v2/a/blobs/sha256:abc', 400],
    ['/v2/a/blobs/md5:d41d8cd98f00b204e9800998ecf8427e', 400],
    ['/v2/a/blobs/uploads/..%2f..%2fetc', 404],
    ['/v2/_blobs/tags/list', 400],
    [`/v2/${'a'.repeat(256)}/tags/list`, 400],
    ['/v2/a/nothing', 404],
  ])('answers %s with %i, and a registry error', async (path, status) => {
    await using at = await serve();
    const response = await fetch(`${at.url}${path}`);
    expect(response.status).toBe(status);
  });

  test('takes no manifest above 4 MiB and cuts the sender off', async () => {
    await using at = await serve();
    const refused = await pushManifest(
      at.url,
      'big',
      'v1',
      'application/json',
      Buffer.alloc(5 * 1_048_576),
    ).then(
      () => 'taken',
      (error: Error) => `${error.message}${(error.cause as Error | undefined)?.message ?? ''}`,
    );
    expect(refused).toMatch(/413|fetch failed/);
    expect(await (await fetch(`${at.url}/v2/_catalog`)).json()).toEqual({ repositories: [] });
  });

  test('refuses a chunk that leaves a gap, and goes on where the last one ended', async () => {
    await using at = await serve();
    const opened = await fetch(`${at.url}/v2/gap/blobs/uploads/`, { method: 'POST' });
    const place = new URL(opened.headers.get('location') as string, at.url);
    const gap = await fetch(place, { method: 'PATCH', headers: { 'content-range': '5-9' }, body: 'later' });
    expect(gap.status).toBe(416);
    expect((await fetch(place, { method: 'PATCH', body: 'first' })).status).toBe(202);
    expect((await fetch(place)).headers.get('range')).toBe('0-4');
    expect((await fetch(place, { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(place)).status).toBe(404);
  });

  test('listens on loopback only, and says so', async () => {
    await expect(
      startArtifactServer({ address: '0.0.0.0', port: 0, root: '/nonexistent', log: silentLogger }),
    ).rejects.toMatchObject({ code: 'drill/not-loopback', got: '0.0.0.0' });
    expect(['127.0.0.2', '::1', '10.0.0.1', '::', 'localhost'].map(isLoopback)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('says which port it could not have', async () => {
    await using at = await serve();
    const port = Number(new URL(at.url).port);
    await expect(
      startArtifactServer({ address: '127.0.0.1', port, root: at.root, log: silentLogger }),
    ).rejects.toMatchObject({ code: 'drill/cannot-listen', message: expect.stringContaining(String(port)) });
  });
});

describe('the artifact server as a program', () => {
  test('keeps what it has acknowledged through kill -9, and half an upload is no blob', async () => {
    const root = mkdtempSync(join(tmpdir(), 'holdfast-artifacts-'));
    const first = await startProgram(root);
    const kept = await pushIndex(first.url, { name: 'kept', tag: 'v1' });
    const opened = await fetch(`${first.url}/v2/kept/blobs/uploads/`, { method: 'POST' });
    const place = opened.headers.get('location') as string;
    const sending = request(new URL(place, first.url), { method: 'PATCH' });
    sending.on('error', () => {});
    sending.write(Buffer.alloc(100_000, 'x'));
    const upload = join(root, '.registry', 'uploads', place.split('/').at(-1) as string);
    await expect.poll(() => (existsSync(upload) ? readFileSync(upload).length : 0)).toBe(100_000);
    await first.killHard();

    const second = await startProgram(root);
    try {
      const head = await fetch(`${second.url}/v2/kept/manifests/v1`, {
        method: 'HEAD',
        headers: { accept: kept.mediaType },
      });
      expect(head.headers.get('docker-content-digest')).toBe(kept.digest);
      for (const file of readdirSync(join(root, '.registry', 'blobs'))) {
        const hex = createHash('sha256')
          .update(readFileSync(join(root, '.registry', 'blobs', file)))
          .digest('hex');
        expect(hex).toBe(file);
      }
      expect((await fetch(new URL(place, second.url))).headers.get('range')).toBe('0-99999');
    } finally {
      await second.killHard();
      rmSync(root, { recursive: true, force: true });
    }
  });

  test('tells how it is used where an argument is missing', async () => {
    const failed = await run(process.execPath, [PROGRAM]).catch(
      (error: { code: number; stderr: string }) => error,
    );
    expect(failed).toMatchObject({ code: 2, stderr: expect.stringContaining('--root DIR') });
  });
});

async function startProgram(root: string): Promise<{ url: string; killHard(): Promise<void> }> {
  const child = spawn(process.execPath, [PROGRAM, '--root', root], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the program ended')));
    child.stdout.setEncoding('utf8').once('data', (line: string) => resolve(line.trim()));
  });
  return {
    url,
    async killHard() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** `fetch` tidies a path up before it asks; an attacker does not. */
function rawStatus(base: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    request({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
