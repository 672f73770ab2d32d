/** The trials of a member as `verify` has them, against Debian's registry and servers of files on loopback. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ArtifactMember, startMember } from '../../../../test/artifact-member.ts';
import { listen } from '../../../../test/listen.ts';
import { probeOnce } from '../../../../test/probe.ts';
import { pushImage, pushIndex, sha256 } from '../../../../test/push-image.ts';
import { registryMissing, startRegistry, type TestRegistry } from '../../../../test/registry-server.ts';
import { titleOf } from '../../../../test/title-of.ts';
import { renderReason } from '../../../base/reason.ts';
import { artifactsChartDownload } from '../probes/artifacts-chart-download.ts';
import { artifactsFileDownload } from '../probes/artifacts-file-download.ts';
import { artifactsImagePull } from '../probes/artifacts-image-pull.ts';

const plain = (port: number, more: object = {}) => ({ scheme: 'http', port, ...more });

describe.skipIf(registryMissing !== undefined)(titleOf('pulling a small image', registryMissing), () => {
  let registry: TestRegistry;
  beforeEach(async () => {
    registry = await startRegistry();
  });
  afterEach(() => registry[Symbol.asyncDispose]());
  const pull = () => probeOnce(artifactsImagePull, plain(registry.port));
  const blobFile = (digest: string) => {
    const hex = digest.slice('sha256:'.length);
    return join(registry.storage, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data');
  };

  test('reads its manifest and every blob, and names them', async () => {
    const image = await pushImage(registry.url, { name: 'lib/app', tag: 'v1' });
    await pushImage(registry.url, { name: 'lib/zzz', tag: 'v1', seed: 'a much longer seed than the other' });
    const result = await pull();
    expect(result).toMatchObject({ status: 'up', because: { code: 'artifacts/fetched' } });
    expect(result.got).toContain(`image lib/app:v1: manifest ${image.digest} and 2 blobs`);
    expect(await pull()).toMatchObject({ got: result.got });
    expect(renderReason(result.because, [artifactsImagePull.reasons], 'zh')).toBe(
      'm1 能完整提供 image lib/app:v1',
    );
  });

  test('goes below an index, and takes Docker manifests too', async () => {
    await pushIndex(registry.url, { name: 'lib/multi', tag: 'v1', format: 'docker' });
    const result = await pull();
    expect(result).toMatchObject({ status: 'up', because: { code: 'artifacts/fetched' } });
    expect(result.got).toContain('image lib/multi:v1: manifest sha256:');
  });

  test('fails where a blob is not what its digest says, though HEAD finds nothing wrong', async () => {
    const { parts } = await pushImage(registry.url, { name: 'lib/app', tag: 'v1' });
    const file = blobFile(parts[0] as string);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(file, bytes);
    const result = await pull();
    expect(result).toMatchObject({ status: 'down', because: { code: 'artifacts/not-fetched' } });
    expect(result.got).toContain(`sends something else than blob lib/app@${parts[0]}`);
  });

  test('fails where a blob is gone, or the manifest that a tag leads to', async () => {
    const { parts, digest } = await pushImage(registry.url, { name: 'lib/app', tag: 'v1' });
    rmSync(blobFile(parts[1] as string));
    expect(await pull()).toMatchObject({ status: 'down', got: expect.stringContaining('404') });
    rmSync(blobFile(digest));
    expect(await pull()).toMatchObject({ status: 'down' });
  });

  test('warns where there is no image, and fails where there is no registry', async () => {
    expect(await pull()).toMatchObject({ status: 'up', warnings: [{ code: 'artifacts/nothing-to-fetch' }] });
    await registry.kill();
    expect(await pull()).toMatchObject({ status: 'down', got: expect.stringContaining('ECONNREFUSED') });
  });
});

describe('downloading', () => {
  let member: ArtifactMember;
  beforeEach(async () => {
    member = await startMember('127.0.0.1');
  });
  afterEach(() => member[Symbol.asyncDispose]());
  const index = { compare: { index: '/files/SHA256SUMS' } };
  const file = (more: object = index) => probeOnce(artifactsFileDownload, plain(member.port, more));
  const chart = () => probeOnce(artifactsChartDownload, plain(member.port, { path: '/charts/index.yaml' }));

  test('a file takes the smallest of the list, and checks its SHA-256', async () => {
    member.writeFiles({ 'a.tar': 'longer than the other', 'b.tar': 'short', 'c.tar': '' });
    expect(await file()).toMatchObject({ status: 'up', got: 'file /files/b.tar: 5 B, SHA-256 as listed' });
    member.write('files/b.tar', 'other');
    const result = await file();
    expect(result).toMatchObject({ status: 'down', because: { code: 'artifacts/not-fetched' } });
    expect(result.got).toContain('sends something else than file /files/b.tar');
  });

  test('a file fails where the list names what is not there, or is not there itself', async () => {
    member.writeFiles({ 'a.tar': 'a' });
    rmSync(join(member.root, 'files/a.tar'));
    expect(await file()).toMatchObject({ status: 'down', got: expect.stringContaining('/files/a.tar') });
    rmSync(join(member.root, 'files/SHA256SUMS'));
    expect(await file()).toMatchObject({ status: 'down', got: expect.stringContaining('SHA256SUMS') });
  });

  test('a file of a plain list is read to its end, and the evidence says that no checksum is known', async () => {
    member.writeFiles({ 'a.tar': 'content' });
    const result = await file({ compare: { list: ['/files/a.tar'] } });
    expect(result).toMatchObject({ status: 'up' });
    expect(result.got).toBe('file /files/a.tar: 7 B, size as listed, no checksum known');
  });

  test('an object of a bucket is held against its ETag', async () => {
    const listing = (md5: string) =>
      `<ListBucketResult><Contents><Key>a.tar</Key><Size>7</Size><ETag>"${md5}"</ETag></Contents></ListBucketResult>`;
    let md5 = '9a0364b9e99bb480dd25e1f0284c8555';
    await using store = await listen(
      createServer(({ url }, response) => {
        response.end(url?.startsWith('/kubean/?') ? listing(md5) : 'content');
      }),
      '127.0.0.1',
    );
    const ask = () => probeOnce(artifactsFileDownload, plain(store.port, { compare: { bucket: 'kubean' } }));
    expect(await ask()).toMatchObject({ status: 'up', got: 'file /kubean/a.tar: 7 B, MD5 as listed' });
    md5 = '00000000000000000000000000000000';
    expect(await ask()).toMatchObject({ status: 'down', got: expect.stringContaining('MD5 9a0364') });
  });

  test('a file that breaks off is no download', async () => {
    await using store = await listen(
      createServer(({ method }, response) => {
        response.writeHead(200, { 'content-length': 1_000 });
        if (method === 'HEAD') response.end();
        else response.write('begin', () => response.destroy());
      }),
      '127.0.0.1',
    );
    const result = await probeOnce(artifactsFileDownload, plain(store.port, { compare: { list: ['/a'] } }));
    expect(result).toMatchObject({ status: 'down', because: { code: 'artifacts/not-fetched' } });
  });

  test('a chart is fetched by the digest of the index', async () => {
    member.writeCharts({ 'nginx-1.0.0': 'a chart', 'kpanda-0.1.0': 'another' });
    expect(await chart()).toMatchObject({
      status: 'up',
      got: 'chart kpanda-0.1.0: 7 B, digest as in the index',
    });
    member.write('charts/kpanda-0.1.0.tgz', 'changed');
    const result = await chart();
    expect(result).toMatchObject({ status: 'down' });
    expect(result.got).toContain(sha256('changed'));
  });

  test('a chart fails where the package is gone, and an index without any warns', async () => {
    member.writeCharts({ 'nginx-1.0.0': 'a chart' });
    rmSync(join(member.root, 'charts/nginx-1.0.0.tgz'));
    expect(await chart()).toMatchObject({ status: 'down', got: expect.stringContaining('nginx-1.0.0.tgz') });
    member.writeCharts({});
    expect(await chart()).toMatchObject({ status: 'up', warnings: [{ code: 'artifacts/nothing-to-fetch' }] });
  });
});
