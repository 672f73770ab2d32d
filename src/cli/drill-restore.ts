/** `holdfast drill restore [stack]`: restores a backup beside what runs, checks it, measures, and throws it away. */
import type { Command } from 'commander';
import { formatBytes } from '../base/bytes.ts';
import { formatDuration } from '../base/duration.ts';
import type { Sentence } from '../base/reason.ts';
import { drillRestore, type RestoreReport } from '../drill/restore.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { addSiteOptions, openSite, type SiteOptions } from './open.ts';
import { paint } from './paint.ts';
import { columns } from './render/width.ts';
import { say } from './say.ts';

interface DrillRestoreOptions extends SiteOptions {
  readonly from?: string;
  readonly on?: string;
}

const WORDS = {
  begins: {
    en: 'restoring {id} ({bytes}) on {host}, beside what runs there',
    zh: '正在 {host} 上恢复 {id}（{bytes}），不影响其上运行的服务',
  },
  works: {
    en: 'the backup of {age} ago can be restored: it took {took}',
    zh: '{age} 前的备份可以恢复：用时 {took}',
  },
  broken: { en: 'the backup cannot be relied on: {why}', zh: '该备份不可靠：{why}' },
} satisfies Record<string, Sentence>;

const PHASES: Readonly<Record<string, Sentence>> = {
  read: { en: 'read and compare its checksum', zh: '读取并核对校验和' },
  unpack: { en: 'unpack', zh: '解包' },
  prepare: { en: 'make it consistent', zh: '使数据一致' },
  start: { en: 'start a server on it', zh: '启动临时服务器' },
  check: { en: 'check all tables', zh: '检查所有表' },
};

/** Adds `restore`. Exit 0 where the backup can be restored, 1 otherwise. */
export function configure(drill: Command, run: Runner): void {
  addSiteOptions(drill.command('restore'))
    .description('restore a backup beside what runs, check it, and throw it away')
    .argument('[stack]', 'whose backup, where several stacks have some')
    .option('--from <backup>', 'this one (default: the newest)')
    .option('--on <host>', 'of the backups on this host (default: on any)')
    .option('--json', 'print the results as JSON')
    .action(
      run((io: Io, stack: string | undefined, options: DrillRestoreOptions) => restore(io, stack, options)),
    );
}

async function restore(io: Io, stack: string | undefined, options: DrillRestoreOptions): Promise<ExitCode> {
  await using context = await openSite(io, options);
  const { site, known, hosts, clock } = context;
  const world = { site, stacks: known.stacks, hosts, clock, signal: io.stop };
  const request = { stack, from: options.from, on: options.on };
  const report = await drillRestore(world, request, ({ id, host, bytes }) => {
    io.err(`${say(io, WORDS.begins, { id, host, bytes: formatBytes(bytes) })}\n`);
  });
  if (options.json) io.out(`${JSON.stringify(report, null, 2)}\n`);
  else show(io, report);
  return report.broken === undefined ? exitCodes.done : exitCodes.failed;
}

function show(io: Io, { phases, found, broken, ageMs, tookMs }: RestoreReport): void {
  const rows = [
    ...phases.map(({ name, tookMs: each }) => [PHASES[name]?.[io.language] ?? name, formatDuration(each)]),
    ...found.map(({ name, value }) => [name, value]),
  ];
  io.out(`${columns(rows).join('\n')}\n`);
  const params = { age: formatDuration(Math.round(ageMs / 1_000) * 1_000), took: formatDuration(tookMs) };
  const said =
    broken === undefined
      ? paint(io, 'green', say(io, WORDS.works, params))
      : paint(io, 'red', say(io, WORDS.broken, { why: broken }));
  io.err(`${said}\n`);
}
