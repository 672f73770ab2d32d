/**
 * Comparing and copying what members of an artifacts stack hold, beside skopeo and rsync. Whole processes on loopback:
 * `holdfast sync --dry-run` and `holdfast sync` (which compares, copies, and compares again), Debian's docker-registry
 * on every side. Needs about 6 GiB on the disk, given back at the end.
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { limit } from '../src/base/limit.ts';
import { type ArtifactMember, startMember } from '../test/artifact-member.ts';
import { closedPort } from '../test/listen.ts';
import { openProgram, type Program } from '../test/program.ts';
import { pushBlob, pushManifest, sha256 } from '../test/push-image.ts';
import { registryMissing, skopeoMissing, startRegistry, type TestRegistry } from '../test/registry-server.ts';
import { syncSite } from '../test/sync-site.ts';
import type { BenchRow } from './row.ts';

const exec = promisify(execFile);
const MIB = 1_048_576;
const TOTAL_MIB = 2_048;

const REPOSITORIES = 40;
const TAGS_EACH = 50;
/** skopeo starts one process a tag: this many are measured, and the rest is reckoned. */
const SAMPLE = 200;
const JOBS = 16;

const IMAGES = 16;
const LAYERS_EACH = 4;
const FILES = 8;

const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

const PARTS: Readonly<Record<string, () => Promise<BenchRow[]>>> = { parity, images, files };

/** Rows for the parity of 2,000 tags, for 2 GiB of images and for 2 GiB of files. */
export async function run(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const part of Object.keys(PARTS)) rows.push(...(await runPart(part)));
  return rows;
}

/** One of them. */
export async function runPart(part: string): Promise<BenchRow[]> {
  const measure = PARTS[part];
  if (measure === undefined) throw new Error(`no part '${part}'; there are ${Object.keys(PARTS).join(', ')}`);
  const missing = registryMissing ?? skopeoMissing;
  if (missing === undefined) return measure();
  console.log(`skipped: ${missing}`);
  return [];
}

async function parity(): Promise<BenchRow[]> {
  await using rig = await openRig();
  for (const { url } of [rig.original, rig.standby]) await pushTags(url);
  const compared = await secondsOf(() => rig.holdfast(0, '--dry-run'));
  const sample = Array.from({ length: SAMPLE }, (_, n) => `lib/app${n % REPOSITORIES}:v${n % TAGS_EACH}`);
  const jobs = limit(JOBS);
  const inspected = await secondsOf(() =>
    Promise.all(
      sample.flatMap((image) =>
        [rig.original, rig.standby].map(({ host }) => jobs.run(() => inspect(`${host}/${image}`))),
      ),
    ),
  );
  const tags = REPOSITORIES * TAGS_EACH;
  const reckoned = (inspected * tags) / SAMPLE;
  const loop = `skopeo inspect of both, ${JOBS} jobs, reckoned from ${SAMPLE} of ${tags} tags`;
  return [
    { name: loop, value: reckoned, unit: 's' },
    { name: `holdfast: parity of ${tags} tags, every layer asked for`, value: compared, unit: 's' },
    {
      name: 'parity: times faster than skopeo',
      value: reckoned / compared,
      unit: 'x',
      target: '>= 5',
      ratioTo: loop,
    },
  ];
}

async function images(): Promise<BenchRow[]> {
  await using rig = await openRig();
  await using other = await startRegistry();
  await pushLayers(rig.standby.url);
  const ours = await secondsOf(() => rig.holdfast(0, '--yes', '--accept-final'));
  const list = join(rig.program.folder, 'skopeo.yaml');
  const names = Array.from({ length: IMAGES }, (_, n) => [`lib/image${n}`, ['v1']]);
  // JSON is YAML.
  writeFileSync(
    list,
    JSON.stringify({ [rig.standby.host]: { images: Object.fromEntries(names), 'tls-verify': false } }),
  );
  const plain = ['--src', 'yaml', '--dest', 'docker', '--dest-tls-verify=false', '--all'];
  const theirs = await secondsOf(() =>
    exec('skopeo', ['sync', ...plain, list, other.host], { maxBuffer: 64 * MIB }),
  );
  return [
    { name: 'skopeo sync, 2 GiB of images', value: TOTAL_MIB / theirs, unit: 'MiB/s' },
    { name: 'holdfast sync, 2 GiB of images', value: TOTAL_MIB / ours, unit: 'MiB/s' },
    {
      name: 'images: times faster than skopeo',
      value: theirs / ours,
      unit: 'x',
      target: '>= 1',
      ratioTo: 'skopeo sync',
    },
  ];
}

async function files(): Promise<BenchRow[]> {
  await using stack = new AsyncDisposableStack();
  const port = await closedPort();
  const original = stack.use(await startMember('127.0.0.81', port));
  const standby = stack.use(await startMember('127.0.0.82', port));
  writeFiles(standby);
  mkdirSync(join(original.root, 'files'));
  const program = stack.use(openProgram());
  const target = join(original.root, 'files');
  program.site(
    syncSite(
      ['127.0.0.81', '127.0.0.82'],
      `    registry: false
    charts: false
    files:
      port: ${port}
      compare: { index: /files/SHA256SUMS }
      write: { folder: ${target}, at: /files }
`,
    ),
  );
  writeFileSync(join(target, 'SHA256SUMS'), '');
  const ours = await secondsOf(() => holdfast(program, 0, '--yes'));
  const source = `${join(standby.root, 'files')}/`;
  if (readdirSync(target).length !== readdirSync(source).length) throw new Error('not all files were copied');
  rmSync(target, { recursive: true });
  const theirs = await secondsOf(() => exec('rsync', ['-a', '--fsync', source, `${target}/`]));
  const plain = 'rsync -a --fsync from folder to folder, 2 GiB';
  return [
    { name: plain, value: TOTAL_MIB / theirs, unit: 'MiB/s' },
    {
      name: 'holdfast sync from HTTP to a folder here, 2 GiB, hashed where it is written',
      value: TOTAL_MIB / ours,
      unit: 'MiB/s',
    },
    { name: 'files: times as fast as rsync', value: theirs / ours, unit: 'x', ratioTo: plain },
  ];
}

interface Rig extends AsyncDisposable {
  readonly original: TestRegistry;
  readonly standby: TestRegistry;
  readonly program: Program;
  holdfast(code: number, ...args: string[]): Promise<void>;
}

/** Two registries, and a site that copies from the second to the first. */
async function openRig(): Promise<Rig> {
  const stack = new AsyncDisposableStack();
  const port = await closedPort();
  const original = stack.use(await startRegistry({ address: '127.0.0.81', port }));
  const standby = stack.use(await startRegistry({ address: '127.0.0.82', port }));
  const program = stack.use(openProgram());
  program.site(
    syncSite(
      ['127.0.0.81', '127.0.0.82'],
      `    registry: { scheme: http, port: ${port} }\n    files: false\n    charts: false\n`,
    ),
  );
  return {
    original,
    standby,
    program,
    holdfast: (code, ...args) => holdfast(program, code, ...args),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function holdfast(program: Program, code: number, ...args: string[]): Promise<void> {
  const lock = ['--lock-file', join(program.folder, 'lock')];
  const said = await program.run('sync', '--from', 'standby', ...lock, ...args);
  if (said.code !== code) throw new Error(`holdfast sync ended with ${said.code}:\n${said.stderr}`);
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1_000;
}

async function inspect(reference: string): Promise<void> {
  await exec('skopeo', ['inspect', '--tls-verify=false', '--format', '{{.Digest}}', `docker://${reference}`]);
}

/** 2,000 tags, each with a manifest of its own over blobs that a repository shares. */
async function pushTags(url: string): Promise<void> {
  const pushes = limit(8);
  await Promise.all(
    Array.from({ length: REPOSITORIES }, async (_, n) => {
      const name = `lib/app${n}`;
      const layer = Buffer.from(`layer of ${name}`);
      const [config, body] = [configOf([layer]), layer];
      for (const blob of [config, body]) await pushBlob(url, name, blob);
      const tags = Array.from({ length: TAGS_EACH }, (_unused, tag) => `v${tag}`);
      await Promise.all(
        tags.map((tag) =>
          pushes.run(() => pushManifest(url, name, tag, MANIFEST, manifestOf(config, [body], tag))),
        ),
      );
    }),
  );
}

/** 2 GiB that nothing compresses, in 16 images. */
async function pushLayers(url: string): Promise<void> {
  const bytes = (TOTAL_MIB / IMAGES / LAYERS_EACH) * MIB;
  for (let n = 0; n < IMAGES; n++) {
    const name = `lib/image${n}`;
    const layers = Array.from({ length: LAYERS_EACH }, () => randomBytes(bytes));
    await Promise.all(layers.map((layer) => pushBlob(url, name, layer)));
    const config = configOf(layers);
    await pushBlob(url, name, config);
    await pushManifest(url, name, 'v1', MANIFEST, manifestOf(config, layers, 'v1'));
  }
}

function configOf(layers: readonly Buffer[]): Buffer {
  const rootfs = { type: 'layers', diff_ids: layers.map((layer) => sha256(layer)) };
  return Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs }));
}

function manifestOf(config: Buffer, layers: readonly Buffer[], tag: string): Buffer {
  const describe = (mediaType: string, content: Buffer) => ({
    mediaType,
    digest: sha256(content),
    size: content.length,
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: describe(CONFIG, config),
    layers: layers.map((layer) => describe(LAYER, layer)),
    annotations: { tag },
  };
  return Buffer.from(JSON.stringify(manifest));
}

function writeFiles({ root }: ArtifactMember): void {
  mkdirSync(join(root, 'files'));
  const sums = Array.from({ length: FILES }, (_, n) => {
    const hash = createHash('sha256');
    const file = openSync(join(root, 'files', `file${n}.iso`), 'w');
    for (let written = 0; written < TOTAL_MIB / FILES; written += 32) {
      const piece = randomBytes(32 * MIB);
      hash.update(piece);
      writeSync(file, piece);
    }
    closeSync(file);
    return `${hash.digest('hex')}  file${n}.iso\n`;
  });
  writeFileSync(join(root, 'files/SHA256SUMS'), sums.join(''));
  if (statSync(join(root, 'files/file0.iso')).size !== (TOTAL_MIB / FILES) * MIB)
    throw new Error('a file is short');
}
