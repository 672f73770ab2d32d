/** `holdfast verify`: every probe and trial once, and what clients get, with evidence. For scripts: 0 where all is well, else 1. */
import type { Command } from 'commander';
import { pickEndpoint } from '../watch/pick-endpoint.ts';
import { fileStateStore } from '../watch/state.ts';
import { verify } from '../watch/verify.ts';
import type { Runner } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { addSiteOptions, openSite, type SiteOptions } from './open.ts';
import { renderVerified, verifiedJson, verifiedSummary } from './render/verified.ts';
import { watcherOptions } from './watch-options.ts';

export function configure(command: Command, run: Runner): void {
  addSiteOptions(command)
    .argument('[endpoint]', 'this endpoint only')
    .option('--json', 'print the results as JSON')
    .action(
      run((io: Io, endpoint: string | undefined, options: SiteOptions) => verifySite(io, endpoint, options)),
    );
}

async function verifySite(io: Io, name: string | undefined, options: SiteOptions): Promise<ExitCode> {
  await using ctx = await openSite(io, options);
  const all = [...ctx.site.endpoints.values()];
  const endpoints = name === undefined ? all : [pickEndpoint(all, name)];
  const store = fileStateStore(ctx.stateDir);
  const lines = await verify({ ...watcherOptions(ctx, io, 'verify'), endpoints, store, signal: io.stop });
  const ok = lines.every((line) => line.ok);
  if (options.json === true) {
    io.out(`${JSON.stringify(verifiedJson(lines, ctx.render))}\n`);
  } else {
    io.out(renderVerified(io, lines, ctx.render));
    io.err(`${verifiedSummary(io, lines)}\n`);
  }
  return ok ? exitCodes.done : exitCodes.failed;
}
