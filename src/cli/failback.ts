/** `holdfast failback [endpoint]`: back to the preferred member now, without waiting for the time well. */
import type { Command } from 'commander';
import type { Runner } from './command.ts';
import { type DecideOptions, decideCommand } from './decide-command.ts';
import type { Io } from './io.ts';
import { addSiteOptions } from './open.ts';

interface FailbackOptions extends DecideOptions {
  readonly acceptLoss?: boolean;
}

export function configure(command: Command, run: Runner): void {
  addSiteOptions(command)
    .argument('[endpoint]', 'which one, where the site has several')
    .option(
      '--accept-loss',
      'do not ask whether the preferred member holds everything that the active one holds',
    )
    .option('--no-verify', 'do not verify what clients get afterwards')
    .option('--json', 'print the outcome as JSON')
    .action(
      run((io: Io, endpoint: string | undefined, options: FailbackOptions) => {
        const acceptLoss = options.acceptLoss === true;
        return decideCommand(io, options, endpoint, { verb: 'failback', acceptLoss });
      }),
    );
}
