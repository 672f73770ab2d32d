/** `holdfast upgrade [stack]`: to what the site file says, one member after the other, each verified before the next. */
import type { Command } from 'commander';
import { applyMade, type ConfirmOptions } from './apply.ts';
import type { Runner } from './command.ts';
import type { ExitCode, Io } from './io.ts';
import { makePlanOf } from './make-plan.ts';
import { openSite } from './open.ts';
import { addEngineOptions } from './open-engine.ts';
import { type ShowOptions, showMade } from './plan.ts';

interface UpgradeOptions extends ConfirmOptions, ShowOptions {
  readonly dryRun?: boolean;
}

/** Adds the options. Exit codes: those of `plan` with --dry-run, else those of `apply`. */
export function configure(command: Command, run: Runner): void {
  addEngineOptions(command)
    .argument('[stack]', 'which one, where several can be upgraded')
    .option('-n, --dry-run', 'only show what would be done; exit code 3 where there is something')
    .option('-o, --out <file>', 'with --dry-run: keep the plan, for `holdfast apply <file>`')
    .option('-a, --all', 'with --dry-run: show also what has nothing to do')
    .option('-y, --yes', 'do not ask before it begins')
    .option('--accept-final', 'do not ask before steps that cannot be undone')
    .option('--override <codes...>', 'go past these safety findings')
    .action(
      run(async (io, stack: string | undefined, options: UpgradeOptions) => upgrade(io, stack, options)),
    );
}

async function upgrade(io: Io, stack: string | undefined, options: UpgradeOptions): Promise<ExitCode> {
  await using context = await openSite(io, options);
  const made = await makePlanOf(context, 'upgrade', stack === undefined ? {} : { stack }, io.stop);
  if (options.dryRun) return await showMade(io, context, made, options);
  return await applyMade(io, context, made, options);
}
