/** Brings the programs of a recipe into the cache: once, stage by stage, going on where it was cut. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Connection } from '../../hosts/host.ts';
import { acquireLease } from '../../store/lease.ts';
import { writeAptSources } from './apt.ts';
import { type Binaries, binariesFolder, findBinaries } from './binaries.ts';
import { BuildError } from './build-error.ts';
import { putInPlace } from './put-in-place.ts';
import type { Recipe, Stage, Workshop } from './recipe.ts';
import { type Asker, askerOf, runStage } from './run-stage.ts';
import { checkSpace, makeCacheFolder } from './space.ts';
import { openStamps } from './stamps.ts';
import { findTools } from './tools.ts';

/** What is being done; `nth` counts from 1 over all stages. */
export interface BuildProgress {
  readonly stage: string;
  readonly nth: number;
  readonly of: number;
  /** `kept`: done by an earlier call. */
  readonly state: 'kept' | 'begun' | 'done';
  /** Since the stage began; 0 but for `done`. */
  readonly tookMs: number;
}

export interface BuildOptions {
  /** The cache's folder, e.g. `/var/cache/holdfast`. */
  readonly cache: string;
  /** Build anew, also where the set is there or half-done. The old set stays until the new one is ready. */
  readonly force: boolean;
  /** This machine. */
  readonly machine: Connection;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly tell: (progress: BuildProgress) => void;
}

export interface BuildResult {
  readonly outcome: 'there' | 'built';
  readonly binaries: Binaries;
  readonly tookMs: number;
}

/** The stage that no recipe names: versions are asked, the folder appears. */
const LAST_STAGE = 'put in place';

/**
 * Builds the set, or says that it is there.
 * @throws BuildError; StoreError `store/held` where another call is building it
 */
export async function build(recipe: Recipe, o: BuildOptions): Promise<BuildResult> {
  const beganMs = o.clock.monotonicMs();
  const before = await findBinaries(o.cache, recipe);
  if (before !== undefined && !o.force) return { outcome: 'there', binaries: before, tookMs: 0 };
  const folder = join(o.cache, recipe.name);
  await makeCacheFolder(folder);
  await using _lease = await acquireLease(
    join(folder, 'build.lease'),
    `holdfast lab build ${recipe.name}`,
    o,
  );
  const workshop = join(folder, `building-${recipe.version}`);
  if (o.force) await rm(workshop, { recursive: true, force: true });
  await runStages(recipe, workshop, o);
  await rm(workshop, { recursive: true, force: true });
  const binaries = await findBinaries(o.cache, recipe);
  if (binaries === undefined) throw vanished(recipe, o.cache);
  return { outcome: 'built', binaries, tookMs: o.clock.monotonicMs() - beganMs };
}

async function runStages(recipe: Recipe, folder: string, o: BuildOptions): Promise<void> {
  const ask = askerOf(o.machine, o.signal);
  const stamps = openStamps(join(folder, 'stamps'));
  const remaining = await stamps.remaining(recipe.stages);
  const of = recipe.stages.length + 1;
  recipe.stages.slice(0, -remaining.length || undefined).forEach(({ name }, index) => {
    o.tell({ stage: name, nth: index + 1, of, state: 'kept', tookMs: 0 });
  });
  const workshop = await prepare(recipe, folder, remaining, ask);
  for (const stage of remaining) {
    await timed(stage.name, recipe.stages.indexOf(stage) + 1, of, o, async () => {
      await stamps.begin(recipe.stages, stage);
      await runStage(stage, { workshop, machine: o.machine, signal: o.signal });
      await stamps.done(stage);
    });
  }
  const target = binariesFolder(o.cache, recipe);
  await timed(LAST_STAGE, of, of, o, () => putInPlace(recipe, { workshop: folder, target, ask }));
}

/** Everything that can be known to be in the way is looked at before the first stage. */
async function prepare(
  recipe: Recipe,
  folder: string,
  remaining: readonly Stage[],
  ask: Asker,
): Promise<Workshop> {
  await makeCacheFolder(folder);
  const isFresh = remaining.length === recipe.stages.length;
  if (isFresh) await checkSpace(folder, recipe.neededBytes);
  const goRoot = await findTools(recipe, ask);
  const workshop = { folder, aptSources: join(folder, 'apt/sources'), goRoot };
  if (isFresh && recipe.fetchesSources) await writeAptSources(workshop.aptSources, ask);
  return workshop;
}

async function timed(
  stage: string,
  nth: number,
  of: number,
  o: BuildOptions,
  work: () => Promise<void>,
): Promise<void> {
  const beganMs = o.clock.monotonicMs();
  o.tell({ stage, nth, of, state: 'begun', tookMs: 0 });
  await work();
  o.tell({ stage, nth, of, state: 'done', tookMs: o.clock.monotonicMs() - beganMs });
}

function vanished(recipe: Recipe, cache: string): BuildError {
  return new BuildError({
    code: 'lab-build/failed',
    message: `${recipe.name} was put in place and is not there`,
    expected: `its programs in ${binariesFolder(cache, recipe)}`,
    got: 'nothing, or files of another size',
    hint: 'Does another program clean this folder up? Set HOLDFAST_CACHE to another one.',
  });
}
