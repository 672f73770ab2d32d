/** `holdfast lab build <what>`: programs for lab hosts, built or fetched once into the cache. */
import { Argument, type Command } from 'commander';
import { cacheDirOf } from '../app/cache-dir.ts';
import { SystemClock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import type { Sentence } from '../base/reason.ts';
import { controllerSpec, openLocal } from '../hosts/local.ts';
import { type BuildResult, build } from '../lab/build/build.ts';
import { etcd } from '../lab/build/etcd.ts';
import { kubernetes } from '../lab/build/kubernetes.ts';
import type { Recipe } from '../lab/build/recipe.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { openBuildTeller } from './render/build-progress.ts';
import { columns } from './render/width.ts';
import { say } from './say.ts';

interface BuildFlags {
  readonly force?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

const RECIPES: readonly Recipe[] = [kubernetes, etcd];

const WORDS = {
  there: { en: '{name} {version} is there: {folder}', zh: '{name} {version} 已存在：{folder}' },
  built: {
    en: '{name} {version} is ready after {took}: {folder}',
    zh: '{name} {version} 已就绪，用时 {took}：{folder}',
  },
} satisfies Record<string, Sentence>;

/** Adds `build` to `holdfast lab`. Exit 0 where the set is there afterwards; 4 where another call is building it. */
export function configure(lab: Command, run: Runner): void {
  lab
    .command('build')
    .addArgument(new Argument('<what>', 'the set').choices(RECIPES.map(({ name }) => name)))
    .option('--force', 'begin anew; the old set stays until the new one is ready')
    .option('--json', 'print what is there as JSON')
    .option('-v, --verbose', 'evidence where something fails')
    .action(run(async (io: Io, what: string, flags: BuildFlags) => buildSet(io, what, flags)));
}

async function buildSet(io: Io, what: string, flags: BuildFlags): Promise<ExitCode> {
  const recipe = RECIPES.find(({ name }) => name === what) as Recipe;
  const clock = new SystemClock();
  await using machine = openLocal(controllerSpec(io.env.USER ?? 'root'), { clock, env: io.env });
  using teller = openBuildTeller(io, clock);
  const result = await build(recipe, {
    cache: cacheDirOf(io.env),
    force: flags.force === true,
    machine,
    clock,
    signal: io.stop,
    tell: (progress) => teller.tell(progress),
  });
  io.out(flags.json ? `${JSON.stringify(toJson(result))}\n` : describe(io, result));
  return exitCodes.done;
}

function describe(io: Io, { outcome, binaries, tookMs }: BuildResult): string {
  const { name, version, folder, programs } = binaries;
  const took = formatDuration(tookMs);
  const rows = programs.map((program) => [
    `  ${program.name}`,
    `${Math.round(program.sizeBytes / 1024 ** 2)} MiB`,
    program.says.split('\n')[0] as string,
  ]);
  const head = say(io, outcome === 'there' ? WORDS.there : WORDS.built, { name, version, folder, took });
  return `${[head, ...columns(rows)].join('\n')}\n`;
}

function toJson({ outcome, binaries, tookMs }: BuildResult): unknown {
  return { outcome, tookMs: Math.round(tookMs), ...binaries };
}
