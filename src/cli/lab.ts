/** `holdfast lab`: one file for each subcommand, or for a few that belong together. */
import type { Command } from 'commander';
import type { CommandModule, Runner } from './command.ts';
import * as base from './lab-base.ts';
import * as build from './lab-build.ts';
import * as disks from './lab-disks.ts';
import * as doctor from './lab-doctor.ts';
import * as down from './lab-down.ts';
import * as enter from './lab-enter.ts';
import * as fault from './lab-fault.ts';
import * as logs from './lab-logs.ts';
import * as ps from './lab-ps.ts';
import * as up from './lab-up.ts';

const SUBCOMMANDS: readonly CommandModule[] = [up, down, ps, enter, logs, disks, fault, doctor, base, build];

export function configure(command: Command, run: Runner): void {
  for (const subcommand of SUBCOMMANDS) subcommand.configure(command, run);
}
