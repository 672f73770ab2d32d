/** `holdfast release [endpoint]`: ends a force; automatism goes on from the member that answers. */
import type { Command } from 'commander';
import type { Runner } from './command.ts';
import { decideCommand } from './decide-command.ts';
import type { Io } from './io.ts';
import { addSiteOptions, type SiteOptions } from './open.ts';

export function configure(command: Command, run: Runner): void {
  addSiteOptions(command)
    .argument('[endpoint]', 'which one, where the site has several')
    .option('--json', 'print the outcome as JSON')
    .action(
      run((io: Io, endpoint: string | undefined, options: SiteOptions) =>
        decideCommand(io, options, endpoint, { verb: 'release' }),
      ),
    );
}
