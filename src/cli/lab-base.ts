/** `holdfast lab base`: builds the base image where it is not there, and prints its folder. */
import type { Command } from 'commander';
import { cacheDirOf } from '../app/cache-dir.ts';
import { SystemClock } from '../base/clock.ts';
import type { Sentence } from '../base/reason.ts';
import { ensureBaseImage } from '../lab/base-image.ts';
import { refuseUnfit } from '../lab/fitness.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { addLabOptions, fitnessOf } from './lab-options.ts';
import { say } from './say.ts';

const BUILDING: Sentence = {
  en: 'building the base image with {count} packages and what they need: one to three minutes',
  zh: '正在构建基础镜像（{count} 个软件包及其依赖），约一至三分钟',
};

/** Adds `base`. Exit 0 where the image is there afterwards. */
export function configure(lab: Command, run: Runner): void {
  addLabOptions(lab.command('base'))
    .description('build the base image of all hosts where it is not there yet, and print its folder')
    .action(run(async (io: Io) => base(io)));
}

async function base(io: Io): Promise<ExitCode> {
  refuseUnfit(await fitnessOf(io));
  const path = await ensureBaseImage({
    cache: cacheDirOf(io.env),
    env: io.env,
    clock: new SystemClock(),
    signal: io.stop,
    onBuild: (count) => io.err(`${say(io, BUILDING, { count })}\n`),
  });
  io.out(`${path}\n`);
  return exitCodes.done;
}
