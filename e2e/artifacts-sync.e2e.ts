/**
 * `holdfast sync` between two members as a site has them: Debian's docker-registry, files and charts, with skopeo as a
 * witness. MinIO and ChartMuseum have stand-ins.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closedPort } from '../test/listen.ts';
import { openProgram, type Program } from '../test/program.ts';
import { pushBlob, pushImage, pushIndex, pushManifest, sha256 } from '../test/push-image.ts';
import { startGate } from '../test/registry-gate.ts';
import { registryMissing, skopeoMissing, startRegistry, type TestRegistry } from '../test/registry-server.ts';
import { syncSite } from '../test/sync-site.ts';
import { until } from '../test/until.ts';

const run = promisify(execFile);
const missing = registryMissing ?? skopeoMissing;
const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** Digests of the manifest and of everything below it, as skopeo reads them. */
async function skopeoDigest(reference: string): Promise<string> {
  const { stdout } = await run('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${reference}`]);
  return sha256(stdout);
}

/** Pushes an image of random layers. @returns the digests of the layers */
async function pushLarge(
  base: string,
  name: string,
  tag: string,
  layers: number,
  bytes: number,
): Promise<string[]> {
  const descriptors = [];
  for (let n = 0; n < layers; n++) {
    const digest = await pushBlob(base, name, randomBytes(bytes));
    descriptors.push({ mediaType: LAYER, digest, size: bytes });
  }
  const config = Buffer.from(
    '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}',
  );
  const mediaType = 'application/vnd.oci.image.config.v1+json';
  const described = { mediaType, digest: await pushBlob(base, name, config), size: config.length };
  const manifest = { schemaVersion: 2, mediaType: MANIFEST, config: described, layers: descriptors };
  await pushManifest(base, name, tag, MANIFEST, Buffer.from(JSON.stringify(manifest)));
  return descriptors.map(({ digest }) => digest);
}

describe.skipIf(missing !== undefined)(
  `holdfast sync${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let original: TestRegistry;
    let standby: TestRegistry;
    let program: Program;

    const site = (more = ''): void =>
      program.site(
        syncSite(
          ['127.0.0.41', '127.0.0.42'],
          `    registry: { scheme: http, port: ${original.port}, deletes: true }
    files: false
    charts: false
${more}`,
        ),
      );
    const sync = (...args: string[]) =>
      program.run('sync', '--lock-file', join(program.folder, 'lock'), ...args);

    /** A second way to a registry, through which a test counts, slows and refuses; sites name it as `original`. */
    async function openGate(behind: TestRegistry) {
      const gate = await startGate({ address: '127.0.0.43', port: behind.port, behind: behind.address });
      const own = openProgram();
      own.site(readFileSync(join(program.folder, 'site.yaml'), 'utf8').replace('127.0.0.41', '127.0.0.43'));
      const lock = ['--lock-file', join(own.folder, 'lock')];
      return {
        ...gate,
        sync: (...args: string[]) => own.run('sync', ...lock, ...args),
        start: (...args: string[]) => own.start('sync', ...lock, ...args),
        run: (command: string) => own.run(command, ...lock),
        async [Symbol.asyncDispose]() {
          own[Symbol.dispose]();
          await gate[Symbol.asyncDispose]();
        },
      };
    }

    beforeAll(async () => {
      original = await startRegistry({ address: '127.0.0.41', port: await closedPort() });
      standby = await startRegistry({ address: '127.0.0.42', port: original.port });
      program = openProgram();
      site();
    });
    afterAll(async () => {
      program?.[Symbol.dispose]();
      await original?.[Symbol.asyncDispose]();
      await standby?.[Symbol.asyncDispose]();
    });

    test('shows what it would copy with names and bytes, copies all kinds of images, and skopeo sees the same', async () => {
      await pushImage(standby.url, { name: 'lib/oci', tag: 'v1' });
      await pushImage(standby.url, { name: 'lib/docker', tag: 'v1', format: 'docker' });
      await pushIndex(standby.url, { name: 'lib/multi', tag: 'v1', seed: 'multi' });
      await pushIndex(standby.url, { name: 'lib/list', tag: 'v1', format: 'docker' });
      const shown = await sync('--from', 'standby', '--dry-run');
      expect(shown.code, shown.stderr).toBe(3);
      expect(shown.stdout).toMatch(/copy 4 images \(1\.\d+ KiB\) from standby to original/);
      expect(shown.stdout).toMatch(/\+ lib\/multi:v1 {2}sha256:[0-9a-f]{64} {2}\d+ B/);
      const done = await sync('--from', 'standby', '--yes');
      expect(done.code, done.stderr).toBe(0);
      for (const name of ['oci', 'docker', 'multi', 'list']) {
        const reference = `lib/${name}:v1`;
        expect(await skopeoDigest(`${original.host}/${reference}`)).toBe(
          await skopeoDigest(`${standby.host}/${reference}`),
        );
      }
      // All images below the index are whole, too.
      const from = `docker://${original.host}/lib/multi:v1`;
      await run('skopeo', [
        'copy',
        '--all',
        '--src-tls-verify=false',
        from,
        `dir:${join(program.folder, 'multi')}`,
      ]);
      expect((await sync('--from', 'standby', '--dry-run')).code).toBe(0);
    });

    test('copies both ways, each what the other lacks', async () => {
      await pushImage(standby.url, { name: 'new/on-standby', tag: 'v1', seed: 'a' });
      await pushImage(original.url, { name: 'new/on-original', tag: 'v1', seed: 'b' });
      const done = await sync('--both', '--yes');
      expect(done.code, done.stderr).toBe(0);
      for (const name of ['on-standby', 'on-original']) {
        const digests = [original, standby].map(({ host }) => skopeoDigest(`${host}/new/${name}:v1`));
        expect(await digests[0]).toBe(await digests[1]);
      }
    });

    test('never overwrites a tag by itself, and where it was decided shows the old digest and the new', async () => {
      const mine = await pushImage(original.url, { name: 'moved', tag: 'latest', seed: 'original' });
      const theirs = await pushImage(standby.url, { name: 'moved', tag: 'latest', seed: 'standby' });
      const refused = await sync('--from', 'standby', '--yes');
      expect(refused.code).toBe(4);
      expect(refused.stdout + refused.stderr).toContain(
        `moved:latest (${mine.digest.slice(0, 19)} → ${theirs.digest.slice(0, 19)})`,
      );
      expect(refused.stdout + refused.stderr).toContain('--prefer');
      expect((await sync('--from', 'standby', '--prefer', 'neither', '--yes')).code).toBe(0);
      expect(await skopeoDigest(`${original.host}/moved:latest`)).toBe(mine.digest);
      const shown = await sync('--from', 'standby', '--prefer', 'moved:latest=standby', '--dry-run');
      expect(shown.code, shown.stderr).toBe(3);
      expect(shown.stdout).toContain(`~ moved:latest  ${mine.digest} → ${theirs.digest}`);
      const done = await sync('--from', 'standby', '--prefer', 'moved:latest=standby', '--yes');
      expect(done.code, done.stderr).toBe(0);
      expect(await skopeoDigest(`${original.host}/moved:latest`)).toBe(theirs.digest);
      // The old one is still there, so that a rollback brings it back.
      expect((await program.run('rollback', '--lock-file', join(program.folder, 'lock'), '--yes')).code).toBe(
        0,
      );
      expect(await skopeoDigest(`${original.host}/moved:latest`)).toBe(mine.digest);
      await pushImage(original.url, { name: 'moved', tag: 'latest', seed: 'standby' });
    });

    test('takes back what it added where the registry deletes', async () => {
      await pushImage(standby.url, { name: 'extra', tag: 'v1', seed: 'extra' });
      expect((await sync('--from', 'standby', '--yes')).code).toBe(0);
      const back = await program.run('rollback', '--lock-file', join(program.folder, 'lock'), '--yes');
      expect(back.code, back.stderr).toBe(0);
      await expect(skopeoDigest(`${original.host}/extra:v1`)).rejects.toThrow('manifest unknown');
      expect((await sync('--from', 'standby', '--yes')).code).toBe(0);
    });

    test('refuses a blob that is not what its digest says, names it, and copies everything else', async () => {
      const [layer] = await pushLarge(standby.url, 'bad/blob', 'v1', 1, 300_000);
      await pushImage(standby.url, { name: 'good/image', tag: 'v1', seed: 'good' });
      const hex = (layer as string).slice('sha256:'.length);
      const file = join(standby.storage, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data');
      const content = readFileSync(file);
      writeFileSync(file, Buffer.from(content).fill(0, 1_000, 1_010));
      const failed = await sync('--from', 'standby', '--yes');
      expect(failed.code).toBe(1);
      expect(failed.stderr).toContain(`sends something else than blob bad/blob@${layer}`);
      await expect(skopeoDigest(`${original.host}/bad/blob:v1`)).rejects.toThrow('unknown');
      expect(await skopeoDigest(`${original.host}/good/image:v1`)).toBe(
        await skopeoDigest(`${standby.host}/good/image:v1`),
      );
      writeFileSync(file, content);
      const resumed = await program.run('resume', '--lock-file', join(program.folder, 'lock'));
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(await skopeoDigest(`${original.host}/bad/blob:v1`)).toBe(
        await skopeoDigest(`${standby.host}/bad/blob:v1`),
      );
    });

    test('mounts a layer that another repository of the target holds, instead of sending it', async () => {
      await using gate = await openGate(original);
      const layers = await pushLarge(standby.url, 'share/one', 'v1', 1, 400_000);
      expect((await sync('--from', 'standby', '--yes')).code).toBe(0);
      await run('skopeo', [
        ...['copy', '--all', '--src-tls-verify=false', '--dest-tls-verify=false'],
        ...[`docker://${standby.host}/share/one:v1`, `docker://${standby.host}/share/two:v1`],
      ]);
      gate.sent.clear();
      expect((await gate.sync('--from', 'standby', '--yes')).code).toBe(0);
      expect(gate.sent.get(layers[0] as string)).toBeUndefined();
      expect(await skopeoDigest(`${original.host}/share/two:v1`)).toBe(
        await skopeoDigest(`${standby.host}/share/two:v1`),
      );
    });

    test('bears a registry that is too busy now and then', async () => {
      await using gate = await openGate(original);
      await pushLarge(standby.url, 'busy', 'v1', 3, 100_000);
      gate.failures.push(429, 500, 503, 502, 429);
      const done = await gate.sync('--from', 'standby', '--yes');
      expect(done.code, done.stderr).toBe(0);
      expect(gate.failures).toEqual([]);
      expect(await skopeoDigest(`${original.host}/busy:v1`)).toBe(
        await skopeoDigest(`${standby.host}/busy:v1`),
      );
    });

    test('goes on after kill -9 and sends no blob twice that had arrived', async () => {
      await using gate = await openGate(original);
      const layers = await pushLarge(standby.url, 'large', 'v1', 12, 2_000_000);
      gate.slow();
      const cut = gate.start('--from', 'standby', '--yes');
      await until(() => gate.arrived.size >= 4, 'four blobs have arrived');
      cut.child.kill('SIGKILL');
      await cut.ended;
      await until(() => gate.isIdle(), 'what was under way has ended');
      const before = new Set(gate.arrived);
      expect(layers.some((layer) => !before.has(layer))).toBe(true);
      await expect(skopeoDigest(`${original.host}/large:v1`)).rejects.toThrow('unknown');
      gate.sent.clear();
      gate.hasten();
      const resumed = await gate.run('resume');
      expect(resumed.code, resumed.stderr).toBe(0);
      expect([...gate.sent.keys()].filter((digest) => before.has(digest))).toEqual([]);
      expect([...gate.sent.values()].every((count) => count === 1)).toBe(true);
      expect(layers.every((layer) => gate.arrived.has(layer))).toBe(true);
      expect(await skopeoDigest(`${original.host}/large:v1`)).toBe(
        await skopeoDigest(`${standby.host}/large:v1`),
      );
    });
  },
);
