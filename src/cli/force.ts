/** `holdfast force [endpoint] <member>`: answers with this member whatever its health, until released or for a time. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../base/duration.ts';
import type { Runner } from './command.ts';
import { decideCommand } from './decide-command.ts';
import type { Io } from './io.ts';
import { addSiteOptions, type SiteOptions } from './open.ts';
import { namesOf } from './watch-options.ts';

interface ForceOptions extends SiteOptions {
  readonly for?: number;
}

export function configure(command: Command, run: Runner): void {
  addSiteOptions(command)
    .argument(
      '<[endpoint] member...>',
      'the member (several with commas: a,b), after the endpoint where the site has several',
    )
    .usage('[options] [endpoint] <member>')
    .addOption(
      new Option('--for <duration>', 'how long, as 30m or 2h (default: until `holdfast release`)').argParser(
        duration,
      ),
    )
    .option('--json', 'print the outcome as JSON')
    .action(
      run((io: Io, names: string[], options: ForceOptions) => {
        const { endpoint, member } = namesOf(command, names);
        const members = member.split(',').filter((name) => name !== '');
        const forMs = options.for === undefined ? {} : { forMs: options.for };
        return decideCommand(io, options, endpoint, { verb: 'force', members, ...forMs });
      }),
    );
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('Write a duration, as 30m or 2h.');
  return ms;
}
