/** `holdfast lab up`: the hosts of a site file, as containers with a real systemd. */
import type { Command } from 'commander';
import { SystemClock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import type { Sentence } from '../base/reason.ts';
import type { LabProgress } from '../lab/lab.ts';
import { openLab } from '../lab/open-lab.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { addLabOptions, type LabOptions, labNameOf } from './lab-options.ts';
import { siteFileOf } from './open.ts';
import { say } from './say.ts';

interface UpOptions extends LabOptions {
  readonly file?: string;
  readonly standin?: readonly string[];
}

const PHASES: Readonly<Record<LabProgress['phase'], Sentence>> = {
  'base-image': {
    en: 'building the base image with {count} packages and what they need, once: one to three minutes',
    zh: '正在构建基础镜像（{count} 个软件包及其依赖），仅此一次，约一至三分钟',
  },
  network: { en: 'laying the network of {count} hosts', zh: '正在建立 {count} 台主机的网络' },
  hosts: { en: 'booting {count} hosts', zh: '正在启动 {count} 台主机' },
  ready: { en: '{count} hosts answer', zh: '{count} 台主机已应答' },
};

const WORDS = {
  up: { en: 'lab {name} is up after {took}', zh: '实验环境 {name} 已就绪，用时 {took}' },
  next: {
    en: '  holdfast lab ps                    how they are\n  holdfast lab ssh {host}\n  holdfast plan{file} --lab          every command of a site takes --lab\n  holdfast lab down                  leaves no trace',
    zh: '  holdfast lab ps                    查看状态\n  holdfast lab ssh {host}\n  holdfast plan{file} --lab          所有站点命令均可加 --lab\n  holdfast lab down                  关闭且不留痕迹',
  },
} satisfies Record<string, Sentence>;

/** Adds `up`. Exit 0 where the lab is up afterwards; 4 where one of the same name was made from something else. */
export function configure(lab: Command, run: Runner): void {
  addLabOptions(lab.command('up'))
    .description('bring up the hosts of a site file')
    .argument('[site.yaml]', 'the site file, like --file')
    .option('-f, --file <site.yaml>', 'the site file (default: $HOLDFAST_SITE, then ./site.yaml)')
    .option('--standin <names...>', 'install these stand-ins for vendor programs on every host')
    .action(
      run(async (io: Io, named: string | undefined, options: UpOptions) =>
        up(io, named === undefined ? options : { ...options, file: named }),
      ),
    );
}

async function up(io: Io, options: UpOptions): Promise<ExitCode> {
  const clock = new SystemClock();
  const began = clock.monotonicMs();
  const name = labNameOf(io, options);
  const file = siteFileOf(io, options);
  const lab = await openLab({
    file,
    ...(name === undefined ? {} : { name }),
    env: io.env,
    standins: options.standin ?? [],
    clock,
    signal: io.stop,
    livesOn: true,
    tell: ({ phase, count }) => io.err(`${say(io, PHASES[phase], { count })}\n`),
  });
  io.err(
    `${say(io, WORDS.up, { name: lab.name, took: formatDuration(Math.round(clock.monotonicMs() - began)) })}\n`,
  );
  const flag = options.file === undefined ? '' : ` -f ${options.file}`;
  io.err(`${say(io, WORDS.next, { host: lab.hosts[0]?.name ?? '', file: flag })}\n`);
  return exitCodes.done;
}
