/** `holdfast lab base`: builds the base image where it is not there, and prints its folder. */
import type { Command } from 'commander';
import { cacheDirOf } from '../app/cache-dir.ts';
import { SystemClock } from '../base/clock.ts';
import type { Sentence } from '../base/reason.ts';
import { ensureBaseImage } from '../lab/base-image.ts';
import { refuseUnfit } from '../lab/fitness.ts';
import { removeOldImages } from '../lab/old-images.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { addLabOptions, fitnessOf, type LabOptions } from './lab-options.ts';
import { say } from './say.ts';

const BUILDING: Sentence = {
  en: 'building the base image with {count} packages and what they need: one to three minutes',
  zh: '正在构建基础镜像（{count} 个软件包及其依赖），约一至三分钟',
};

const REMOVED: Sentence = { en: 'removed {old}', zh: '已删除 {old}' };

interface BaseOptions extends LabOptions {
  readonly prune?: boolean;
}

/** Adds `base`. Exit 0 where the image is there afterwards. */
export function configure(lab: Command, run: Runner): void {
  addLabOptions(lab.command('base'))
    .description('build the base image of all hosts where it is not there yet, and print its folder')
    .option('--prune', 'also remove older images that no lab stands on')
    .action(run(async (io: Io, options: BaseOptions) => base(io, options)));
}

async function base(io: Io, options: BaseOptions): Promise<ExitCode> {
  refuseUnfit(await fitnessOf(io));
  const cache = cacheDirOf(io.env);
  const clock = new SystemClock();
  const path = await ensureBaseImage({
    cache,
    env: io.env,
    clock,
    signal: io.stop,
    onBuild: (count) => io.err(`${say(io, BUILDING, { count })}\n`),
  });
  const removed = options.prune ? await removeOldImages(cache, clock) : [];
  for (const old of removed) io.err(`${say(io, REMOVED, { old })}\n`);
  io.out(`${path}\n`);
  return exitCodes.done;
}
