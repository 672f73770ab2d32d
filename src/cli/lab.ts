/** `holdfast lab`: one file for each subcommand. */
import type { Command } from 'commander';
import type { CommandModule, Runner } from './command.ts';
import * as build from './lab-build.ts';

const SUBCOMMANDS: readonly CommandModule[] = [build];

export function configure(command: Command, run: Runner): void {
  for (const subcommand of SUBCOMMANDS) subcommand.configure(command, run);
}
