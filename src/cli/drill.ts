/** `holdfast drill`: does on purpose what one hopes never to need. One file for each subcommand. */
import type { Command } from 'commander';
import type { Runner } from './command.ts';
import * as restore from './drill-restore.ts';

export function configure(command: Command, run: Runner): void {
  restore.configure(command, run);
}
