/** `holdfast lab reset`, `snapshot`, `restore` and `boot`: what becomes of the hosts' disks, and who is on. */
import type { Command } from 'commander';
import { SystemClock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import type { Sentence } from '../base/reason.ts';
import type { Lab } from '../lab/lab.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { addLabOptions, attachLabOf, type LabOptions } from './lab-options.ts';
import { say } from './say.ts';

const WORDS = {
  reset: {
    en: 'all hosts of lab {lab} are new after {took}',
    zh: '实验环境 {lab} 的所有主机已重置，用时 {took}',
  },
  snapshot: {
    en: "snapshot {name} of lab {lab} is kept after {took}; back to it with 'holdfast lab restore {name}'",
    zh: '实验环境 {lab} 的快照 {name} 已保存，用时 {took}；恢复：`holdfast lab restore {name}`',
  },
  restore: {
    en: 'all hosts of lab {lab} are back at snapshot {name} after {took}',
    zh: '实验环境 {lab} 的所有主机已恢复到快照 {name}，用时 {took}',
  },
  boot: { en: '{name} answers after {took}', zh: '{name} 已应答，用时 {took}' },
} satisfies Record<string, Sentence>;

/** Adds the four. Exit 0 where it is done. */
export function configure(lab: Command, run: Runner): void {
  addLabOptions(lab.command('reset'))
    .description('power off all hosts, give them new disks, and boot them')
    .action(
      run(async (io: Io, options: LabOptions) =>
        work(io, options, WORDS.reset, '', async (each) => await each.reset()),
      ),
    );
  addLabOptions(lab.command('snapshot'))
    .description('keep the disks of all hosts, as of one moment')
    .argument('<name>', 'for `restore`')
    .action(
      run(async (io: Io, name: string, options: LabOptions) =>
        work(io, options, WORDS.snapshot, name, async (each) => await each.snapshot(name)),
      ),
    );
  addLabOptions(lab.command('restore'))
    .description('power off all hosts, put the disks of a snapshot in place, and boot them')
    .argument('<name>', 'of the snapshot')
    .action(
      run(async (io: Io, name: string, options: LabOptions) =>
        work(io, options, WORDS.restore, name, async (each) => await each.restore(name)),
      ),
    );
  addLabOptions(lab.command('boot'))
    .description('boot a host that is off; its disk is as it was')
    .argument('<host>', 'its name in the site file')
    .action(
      run(async (io: Io, host: string, options: LabOptions) =>
        work(io, options, WORDS.boot, host, async (each) => await each.powerOn(host)),
      ),
    );
}

async function work(
  io: Io,
  options: LabOptions,
  done: Sentence,
  name: string,
  act: (lab: Lab) => Promise<void>,
): Promise<ExitCode> {
  const clock = new SystemClock();
  const lab = await attachLabOf(io, options);
  const began = clock.monotonicMs();
  await act(lab);
  const took = formatDuration(Math.round(clock.monotonicMs() - began));
  io.err(`${say(io, done, { lab: lab.name, name, took })}\n`);
  return exitCodes.done;
}
