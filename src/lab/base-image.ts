/** The base image: the root that all lab hosts share, read-only. Built once, kept in the cache, never half there. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { digestOf } from '../base/digest.ts';
import { acquireLease, type Lease } from '../store/lease.ts';
import { StoreError } from '../store/store-error.ts';
import { LabError } from './lab-error.ts';
import { packageSources } from './package-sources.ts';
import { PLAIN_ENV, runCommand } from './run-command.ts';

const SUITE = 'bookworm';
const LIMIT_MS = 60 * 60_000;
const WAIT_MS = 300;
/** Who builds or removes images just now. */
export const LEASE = '.base-image.lease';
const RECIPE = join(import.meta.dirname, 'base-image.sh');
const PACKAGES = join(import.meta.dirname, 'base-packages');
/** The one way past a machine's apt configuration that is a variable. */
const PROXY = /^(https?|no)_proxy$/i;

export interface BaseImageOptions {
  /** Where images lie: the cache folder. */
  readonly cache: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Called once, before building begins, which takes a minute or two. */
  readonly onBuild: (packages: number) => void;
}

/** The names in the list of packages. */
export function parsePackages(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .sort();
}

/** Where the image of today's list and recipe lies, whether or not it has been built. */
export async function baseImagePath(cache: string): Promise<string> {
  const packages = parsePackages(await readFile(PACKAGES, 'utf8'));
  const digest = digestOf({
    suite: SUITE,
    arch: process.arch,
    packages,
    recipe: await readFile(RECIPE, 'utf8'),
  });
  return join(cache, `base-${SUITE}-${digest.slice(7, 19)}`);
}

/**
 * Gives the folder of the image, building it where it is not there. It is made beside its place and renamed when it is
 * whole. While another process builds it, this one waits.
 * @throws LabError `lab/base-image-failed`
 */
export async function ensureBaseImage(o: BaseImageOptions): Promise<string> {
  const path = await baseImagePath(o.cache);
  if (existsSync(path)) return path;
  await mkdir(o.cache, { recursive: true, mode: 0o755 });
  await using lease = await leaseOrImage(join(o.cache, LEASE), path, o);
  if (lease === undefined || existsSync(path)) return path;
  const building = join(o.cache, '.building');
  // What a killed builder left: nobody else can be building, we hold the lease.
  await rm(building, { recursive: true, force: true });
  try {
    await mkdir(building, { mode: 0o755 });
    await build(building, o);
    await rename(join(building, 'root'), path);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return path;
}

/** The right to build; undefined as soon as somebody else has built the image. */
async function leaseOrImage(lease: string, image: string, o: BaseImageOptions): Promise<Lease | undefined> {
  for (;;) {
    try {
      return await acquireLease(lease, 'building the base image', o);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'store/held') throw error;
    }
    await o.clock.sleep(WAIT_MS, o.signal);
    if (existsSync(image)) return undefined;
  }
}

async function build(building: string, o: BaseImageOptions): Promise<void> {
  const signal = o.signal === undefined ? {} : { signal: o.signal };
  const packages = parsePackages(await readFile(PACKAGES, 'utf8'));
  o.onBuild(packages.length);
  const sources = await packageSources(SUITE, o.signal);
  const list = join(building, 'sources.list');
  const options = join(building, 'apt.conf');
  await writeFile(list, sources.list);
  // Proxies may have passwords in them.
  await writeFile(options, sources.options, { mode: 0o600 });
  const recipe = ['sh', RECIPE, join(building, 'root'), SUITE, sources.mirror, list, options, ...packages];
  const env = {
    ...PLAIN_ENV,
    ...Object.fromEntries(Object.entries(o.env).filter(([name]) => PROXY.test(name))),
  };
  const argv = [...ALONE, ...recipe];
  const { code, stdout, stderr } = await runCommand(argv, {
    timeoutMs: LIMIT_MS,
    env,
    clock: o.clock,
    ...signal,
  });
  if (code !== 0) throw buildFailed(code, stdout, stderr);
}

/** Dies with us, however we end, and its mounts with it. */
const ALONE = [
  ...['setpriv', '--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--kill-child=SIGKILL'],
  ...['--mount', '--propagation', 'private', '--'],
];

function buildFailed(code: number, stdout: string, stderr: string): LabError {
  const stage = stdout
    .match(/^== .*$/gm)
    ?.at(-1)
    ?.slice(3);
  const said = `${stdout}\n${stderr}`.trim();
  return new LabError({
    code: 'lab/base-image-failed',
    message: 'cannot build the base image of the lab hosts',
    expected: 'debootstrap and apt-get to end with exit code 0',
    got: `exit code ${code} in stage '${stage ?? 'start'}': ${said.split('\n').at(-1)}`,
    hint: "Run it again with --verbose to read what was said; check that 'apt-get update' works on this machine.",
    evidence: said.slice(-4_096),
  });
}
