/** `holdfast lab doctor`: whether this machine can have a lab, and what to do where it cannot. */
import type { Command } from 'commander';
import type { Sentence } from '../base/reason.ts';
import type { MachineCheck } from '../lab/machine-check.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { addLabOptions, fitnessOf, type LabOptions } from './lab-options.ts';
import { paint } from './paint.ts';
import { say } from './say.ts';

const WORDS = {
  fit: { en: 'ok', zh: '通过' },
  unfit: { en: 'lacks', zh: '缺少' },
  got: { en: 'found: {got}', zh: '实际：{got}' },
} satisfies Record<string, Sentence>;

/** Adds `doctor`. Exit 0 where the machine is fit, 1 otherwise. */
export function configure(lab: Command, run: Runner): void {
  addLabOptions(lab.command('doctor'))
    .description('check this machine, and say what mends it')
    .option('--json', 'for scripts')
    .action(run(async (io: Io, options: LabOptions) => examine(io, options)));
}

async function examine(io: Io, options: LabOptions): Promise<ExitCode> {
  const checks = await fitnessOf(io);
  if (options.json)
    io.out(
      `${JSON.stringify(
        checks.map((check) => toJson(io, check)),
        null,
        2,
      )}\n`,
    );
  else io.out(`${checks.map((check) => describe(io, check)).join('\n')}\n`);
  return checks.every(({ isFit }) => isFit) ? exitCodes.done : exitCodes.failed;
}

function describe(io: Io, { needs, isFit, got, mend }: MachineCheck): string {
  const mark = isFit ? paint(io, 'green', say(io, WORDS.fit)) : paint(io, 'red', say(io, WORDS.unfit));
  const details = isFit ? [] : [`   ${say(io, WORDS.got, { got: got ?? '' })}`, `   → ${mend ?? ''}`];
  return [`${mark}  ${say(io, needs)}`, ...details].join('\n');
}

function toJson(io: Io, { name, needs, isFit, got, mend }: MachineCheck): unknown {
  return {
    name,
    needs: say(io, needs),
    isFit,
    ...(got === undefined ? {} : { got }),
    ...(mend === undefined ? {} : { mend }),
  };
}
