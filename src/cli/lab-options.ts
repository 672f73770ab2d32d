/** What the subcommands of `holdfast lab` share: which lab is meant, and the way to it. */
import type { Command } from 'commander';
import { SystemClock } from '../base/clock.ts';
import { attachLab, type FoundLab, findLab } from '../lab/find-lab.ts';
import { checkFitness, checkRoot, refuseUnfit } from '../lab/fitness.ts';
import { labsFolder } from '../lab/folders.ts';
import type { Lab } from '../lab/lab.ts';
import type { MachineCheck } from '../lab/machine-check.ts';
import { PLAIN_ENV } from '../lab/run-command.ts';
import type { Io } from './io.ts';

export interface LabOptions {
  readonly lab?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** Adds `--lab` and `-v/--verbose`. */
export function addLabOptions(command: Command): Command {
  return command
    .option('--lab <name>', 'which lab (default: $HOLDFAST_LAB, then the only one that is up)')
    .option('-v, --verbose', 'evidence where something fails');
}

/** The name of the lab that the options and the environment say; undefined where neither does. */
export function labNameOf(io: Io, options: { readonly lab?: string | true }): string | undefined {
  if (typeof options.lab === 'string') return options.lab;
  return io.env.HOLDFAST_LAB === '' ? undefined : io.env.HOLDFAST_LAB;
}

/** The lab that is meant; the site file that the environment names, or ./site.yaml, tells several apart. */
export async function findLabOf(
  io: Io,
  options: { readonly lab?: string | true; readonly file?: string },
): Promise<FoundLab> {
  refuseUnfit([checkRoot()]);
  const file = options.file ?? io.env.HOLDFAST_SITE ?? 'site.yaml';
  return await findLab(labsFolder(io.env), labNameOf(io, options), file);
}

/** The same, to work with. */
export async function attachLabOf(io: Io, options: LabOptions): Promise<Lab> {
  refuseUnfit([checkRoot()]);
  const name = labNameOf(io, options);
  return await attachLab(labsFolder(io.env), {
    ...(name === undefined ? {} : { name }),
    file: io.env.HOLDFAST_SITE ?? 'site.yaml',
    clock: new SystemClock(),
  });
}

/** Every check of this machine. */
export async function fitnessOf(io: Io): Promise<readonly MachineCheck[]> {
  return await checkFitness(labsFolder(io.env));
}

/** Becomes another program: terminal, signals and exit code are its own from here on. Does not return. */
export function becomeProgram(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): never {
  const file = (PLAIN_ENV.PATH ?? '')
    .split(':')
    .map((folder) => `${folder}/${argv[0]}`)
    .find((path) => process.getBuiltinModule('node:fs').existsSync(path));
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (process.execve === undefined)
    throw new Error('this Node cannot replace its process; use the one of `npm ci`');
  return process.execve(file ?? String(argv[0]), argv, Object.fromEntries(set));
}
