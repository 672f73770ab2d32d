/** `holdfast switch [endpoint] <member>`: a planned switchover. */
import type { Command } from 'commander';
import type { Runner } from './command.ts';
import { type DecideOptions, decideCommand } from './decide-command.ts';
import type { Io } from './io.ts';
import { addSiteOptions } from './open.ts';
import { namesOf } from './watch-options.ts';

interface SwitchOptions extends DecideOptions {
  readonly acceptLoss?: boolean;
}

export function configure(command: Command, run: Runner): void {
  addSiteOptions(command)
    .argument(
      '<[endpoint] member...>',
      'the member to switch to, after the endpoint where the site has several',
    )
    .usage('[options] [endpoint] <member>')
    .option('--accept-loss', 'do not ask whether the member holds everything that the active one holds')
    .option('--no-verify', 'do not verify what clients get afterwards')
    .option('--json', 'print the outcome as JSON')
    .action(
      run((io: Io, names: string[], options: SwitchOptions) => {
        const { endpoint, member } = namesOf(command, names);
        const acceptLoss = options.acceptLoss === true;
        return decideCommand(io, options, endpoint, { verb: 'switch', to: member, acceptLoss });
      }),
    );
}
