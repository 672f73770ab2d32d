/** `holdfast failback [endpoint]`: back to the preferred member now, without waiting for the time well. */
import type { Command } from 'commander';
import type { Runner } from './command.ts';
import { decideCommand } from './decide-command.ts';
import type { Io } from './io.ts';
import { addSiteOptions, type SiteOptions } from './open.ts';

interface FailbackOptions extends SiteOptions {
  readonly acceptLoss?: boolean;
}

export function configure(command: Command, run: Runner): void {
  addSiteOptions(command)
    .argument('[endpoint]', 'which one, where the site has several')
    .option(
      '--accept-loss',
      'do not ask whether the preferred member holds everything that the active one holds',
    )
    .option('--json', 'print the outcome as JSON')
    .action(
      run((io: Io, endpoint: string | undefined, options: FailbackOptions) => {
        const acceptLoss = options.acceptLoss === true;
        return decideCommand(io, options, endpoint, { verb: 'failback', acceptLoss });
      }),
    );
}
