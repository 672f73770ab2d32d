/** `holdfast status`: who answers, since when, why, and what it waits for. */
import type { Command } from 'commander';
import type { Context } from '../app/context.ts';
import { replay } from '../engine/replay.ts';
import { fileRunStore } from '../store/files.ts';
import { reachWatcher } from '../watch/one-shot.ts';
import { fileStateStore } from '../watch/state.ts';
import type { WatchStatus } from '../watch/status.ts';
import { storedStatus } from '../watch/stored-status.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { addSiteOptions, openSite, type SiteOptions } from './open.ts';
import { type RunLine, renderStatus } from './render/watch-status.ts';

const RUNS_SHOWN = 3;

export function configure(command: Command, run: Runner): void {
  addSiteOptions(command)
    .option('--json', 'print the status as JSON')
    .action(run((io: Io, options: SiteOptions) => status(io, options)));
}

async function status(io: Io, options: SiteOptions): Promise<ExitCode> {
  await using ctx = await openSite(io, options);
  const found = await currentStatus(ctx, io);
  const runs = await lastRuns(ctx);
  if (options.json === true) io.out(`${JSON.stringify({ ...found, runs })}\n`);
  else io.out(renderStatus(io, found, ctx.render, runs));
  return exitCodes.done;
}

/** From the watcher where one runs, else as it left the endpoints. */
export async function currentStatus(ctx: Context, io: Io): Promise<WatchStatus> {
  const { stateDir, clock, site, known } = ctx;
  const link = await reachWatcher({ stateDir, clock, signal: io.abort });
  if (link !== undefined) {
    await using _hangUp = link;
    return await link.status();
  }
  return storedStatus({ ...known, site, clock, store: fileStateStore(stateDir) });
}

/** The newest runs with their outcome; one that cannot be read says so in its place. */
async function lastRuns(ctx: Context): Promise<readonly RunLine[]> {
  const { stateDir, clock, knownSecrets } = ctx;
  const store = fileRunStore({ stateDir, clock, secrets: knownSecrets });
  const runs = (await store.list()).slice(0, RUNS_SHOWN);
  return Promise.all(
    runs.map(async (run) => {
      try {
        const { phase, outcome } = replay((await store.look(run)).entries);
        return { run, outcome: outcome ?? phase };
      } catch {
        return { run, outcome: 'unreadable' };
      }
    }),
  );
}
