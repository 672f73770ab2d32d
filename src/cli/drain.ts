/** `holdfast drain [endpoint] <member>`: takes a member out, for maintenance; `--undo` gives it back. */
import type { Command } from 'commander';
import type { Runner } from './command.ts';
import { type DecideOptions, decideCommand } from './decide-command.ts';
import type { Io } from './io.ts';
import { addSiteOptions } from './open.ts';
import { namesOf } from './watch-options.ts';

interface DrainOptions extends DecideOptions {
  readonly acceptLoss?: boolean;
  readonly undo?: boolean;
}

export function configure(command: Command, run: Runner): void {
  addSiteOptions(command)
    .argument('<[endpoint] member...>', 'the member to drain, after the endpoint where the site has several')
    .usage('[options] [endpoint] <member>')
    .option('--undo', 'let the drained member answer again')
    .option(
      '--accept-loss',
      'where it answers: do not ask whether the next one holds everything that it holds',
    )
    .option('--no-verify', 'do not verify what clients get afterwards')
    .option('--json', 'print the outcome as JSON')
    .action(
      run((io: Io, names: string[], options: DrainOptions) => {
        const { endpoint, member } = namesOf(command, names);
        const acceptLoss = options.acceptLoss === true;
        const drain = { verb: 'drain', member, acceptLoss } as const;
        const undrain = { verb: 'undrain', member } as const;
        return decideCommand(io, options, endpoint, options.undo === true ? undrain : drain);
      }),
    );
}
