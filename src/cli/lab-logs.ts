/** `holdfast lab logs`: the journal of a host, also of one that is off. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { seenFromHere } from '../lab/namespaces.ts';
import { findHost } from '../lab/running-lab.ts';
import type { Runner } from './command.ts';
import type { ExitCode, Io } from './io.ts';
import { addLabOptions, becomeProgram, findLabOf, type LabOptions } from './lab-options.ts';

interface LogsOptions extends LabOptions {
  readonly unit?: string;
  readonly follow?: boolean;
  readonly lines?: string;
  readonly console?: boolean;
}

/** Adds `logs`. Exit code: that of journalctl. */
export function configure(lab: Command, run: Runner): void {
  addLabOptions(lab.command('logs'))
    .description('show the journal of a host')
    .argument('<host>', 'its name in the site file')
    .option('-u, --unit <unit>', 'of this unit only')
    .option('--follow', 'go on with what is written from now')
    .option('-n, --lines <n>', 'the last lines only')
    .option('--console', 'what it said while it booted, before there was a journal')
    .action(run(async (io: Io, host: string, options: LogsOptions) => logs(io, host, options)));
}

async function logs(io: Io, host: string, options: LogsOptions): Promise<ExitCode> {
  const { folders, record } = await findLabOf(io, options);
  const own = folders.host(findHost(record, host).name);
  const lines = options.lines === undefined ? [] : ['-n', options.lines];
  const follow = options.follow ? ['-f'] : [];
  if (options.console)
    return becomeProgram(
      ['tail', ...(lines.length > 0 ? lines : ['-n', '+1']), ...follow, own.console],
      io.env,
    );
  // Read from the disk itself, so that a host that is off or hangs can be asked, too.
  const journal = seenFromHere(record.supervisor.pid, join(own.disk, 'upper/var/log/journal'));
  const folder = existsSync(journal) ? journal : join(record.image, 'var/log/journal');
  const unit = options.unit === undefined ? [] : ['-u', options.unit];
  return becomeProgram(['journalctl', '-D', folder, '--no-hostname', ...unit, ...lines, ...follow], io.env);
}
