/** `holdfast lab down`: no process, mount, interface or file is left of a lab. */
import type { Command } from 'commander';
import { SystemClock } from '../base/clock.ts';
import type { Sentence } from '../base/reason.ts';
import { labNames } from '../lab/find-lab.ts';
import { labFolders, labsFolder } from '../lab/folders.ts';
import { takeDown } from '../lab/remove-lab.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { addLabOptions, findLabOf, type LabOptions, labNameOf } from './lab-options.ts';
import { say } from './say.ts';

interface DownOptions extends LabOptions {
  readonly all?: boolean;
}

const WORDS = {
  down: { en: 'lab {name} is gone', zh: '实验环境 {name} 已清除' },
  none: { en: 'there is no lab', zh: '没有实验环境' },
} satisfies Record<string, Sentence>;

/** Adds `down`. Exit 0 where nothing is left afterwards, also where nothing was there. */
export function configure(lab: Command, run: Runner): void {
  addLabOptions(lab.command('down'))
    .description('end a lab and remove every trace of it, also of one that died half-way')
    .option('--all', 'every lab of this machine')
    .action(run(async (io: Io, options: DownOptions) => down(io, options)));
}

async function down(io: Io, options: DownOptions): Promise<ExitCode> {
  const clock = new SystemClock();
  const labs = labsFolder(io.env);
  const names = await namesOf(io, options);
  for (const name of names) {
    await takeDown(labFolders(labs, name), clock);
    io.err(`${say(io, WORDS.down, { name })}\n`);
  }
  if (names.length === 0) io.err(`${say(io, WORDS.none)}\n`);
  return exitCodes.done;
}

/** A name need not be that of a lab that is up: what is left of a dead one goes, too. */
async function namesOf(io: Io, options: DownOptions): Promise<readonly string[]> {
  const named = labNameOf(io, options);
  if (named !== undefined && !options.all) return [named];
  const all = await labNames(labsFolder(io.env));
  if (options.all || all.length <= 1) return all;
  return [(await findLabOf(io, options)).record.name];
}
