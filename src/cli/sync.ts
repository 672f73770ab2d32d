/** `holdfast sync [stack]`: copies what one member holds and another lacks, and shows it before. */
import type { Command } from 'commander';
import type { Context } from '../app/context.ts';
import { parsePreferences } from '../procedures/sync.ts';
import { applyMade, type ConfirmOptions } from './apply.ts';
import type { Runner } from './command.ts';
import type { ExitCode, Io } from './io.ts';
import { makePlanOf } from './make-plan.ts';
import { openSite } from './open.ts';
import { addEngineOptions } from './open-engine.ts';
import { type ShowOptions, showMade } from './plan.ts';
import { currentStatus } from './status.ts';

interface SyncOptions extends ConfirmOptions, ShowOptions {
  readonly from?: string;
  readonly to?: string;
  readonly both?: boolean;
  readonly prefer?: readonly string[];
  readonly dryRun?: boolean;
}

/** Adds the options. Exit codes: those of `plan` with --dry-run, else those of `apply`. */
export function configure(command: Command, run: Runner): void {
  addEngineOptions(command)
    .argument('[stack]', 'which one, where the site has several')
    .option('--from <member>', 'copy from this member (default: the active one)')
    .option('--to <member>', 'copy to this member (default: all others)')
    .option('--both', 'in both directions, so that all hold everything')
    .option(
      '--prefer <member>',
      'whose content stands in a conflict: a member, NAME=member, or neither; may be repeated',
      (word: string, words: readonly string[] = []) => [...words, word],
    )
    .option('-n, --dry-run', 'only show what would be copied; exit code 3 where there is something')
    .option('-o, --out <file>', 'with --dry-run: keep the plan, for `holdfast apply <file>`')
    .option('-a, --all', 'with --dry-run: show also what has nothing to do')
    .option('-y, --yes', 'do not ask before it begins')
    .option('--accept-final', 'do not ask before steps that cannot be undone')
    .action(run(async (io, stack: string | undefined, options: SyncOptions) => sync(io, stack, options)));
}

async function sync(io: Io, stack: string | undefined, options: SyncOptions): Promise<ExitCode> {
  await using context = await openSite(io, options);
  const from = options.from ?? (await activeMember(io, context, stack, options.to));
  const request = {
    ...(stack === undefined ? {} : { stack }),
    ...(from === undefined ? {} : { from }),
    ...(options.to === undefined ? {} : { to: options.to }),
    both: options.both ?? false,
    prefer: parsePreferences(options.prefer ?? []),
  };
  const made = await makePlanOf(context, 'sync', request, io.stop);
  if (options.dryRun) return await showMade(io, context, made, options);
  return await applyMade(io, context, made, options);
}

/** Who answers for the stack now: it has what was pushed last. Undefined where the watcher has not decided yet. */
async function activeMember(
  io: Io,
  context: Context,
  name: string | undefined,
  to: string | undefined,
): Promise<string | undefined> {
  const { stacks } = context.site;
  const stack = name === undefined && stacks.size === 1 ? [...stacks.values()][0] : stacks.get(name ?? '');
  if (stack?.endpoint === undefined) return undefined;
  const { endpoints } = await currentStatus(context, io);
  const active = endpoints.find((one) => one.name === stack.endpoint)?.answer?.members[0];
  return active === to ? undefined : active;
}
