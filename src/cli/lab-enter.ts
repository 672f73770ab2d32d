/** `holdfast lab ssh` and `holdfast lab exec`: onto a host, through its sshd or past everything. */
import type { Command } from 'commander';
import { keyFiles } from '../lab/keys.ts';
import { onLabNetwork } from '../lab/namespaces.ts';
import { PLAIN_ENV } from '../lab/run-command.ts';
import { findHost, hostCommandLine } from '../lab/running-lab.ts';
import type { Runner } from './command.ts';
import type { ExitCode, Io } from './io.ts';
import { addLabOptions, becomeProgram, findLabOf, type LabOptions } from './lab-options.ts';

/** Adds `ssh` and `exec`. Exit code: that of the command. */
export function configure(lab: Command, run: Runner): void {
  addLabOptions(lab.command('ssh'))
    .description('log in to a host as the site does, or run a command there')
    .argument('<host>', 'its name in the site file')
    .argument('[command...]', 'after --')
    .action(
      run(async (io: Io, host: string, command: readonly string[], options: LabOptions) =>
        ssh(io, host, command, options),
      ),
    );
  addLabOptions(lab.command('exec'))
    .description('run a command as root on a host, past network and sshd')
    .argument('<host>', 'its name in the site file')
    .argument('<command...>', 'after --')
    .action(
      run(async (io: Io, host: string, command: readonly string[], options: LabOptions) =>
        exec(io, host, command, options),
      ),
    );
}

async function ssh(io: Io, host: string, command: readonly string[], options: LabOptions): Promise<ExitCode> {
  const { folders, record } = await findLabOf(io, options);
  const { name } = findHost(record, host);
  const argv = ['ssh', '-F', keyFiles(folders.keys).sshConfig, name, ...command];
  return becomeProgram(onLabNetwork(record.supervisor.pid, argv), { ...io.env });
}

async function exec(
  io: Io,
  host: string,
  command: readonly string[],
  options: LabOptions,
): Promise<ExitCode> {
  const { folders, record } = await findLabOf(io, options);
  const argv = await hostCommandLine(folders, findHost(record, host).name, command);
  return becomeProgram(argv, { ...PLAIN_ENV, TERM: io.env.TERM });
}
