/** `holdfast resume`: goes on with a run that was cut or stopped. */
import type { Command } from 'commander';
import { hostsOf } from '../engine/plan.ts';
import { resumeRun } from '../engine/resume.ts';
import { fromDocument } from '../engine/run-document.ts';
import type { Runner } from './command.ts';
import { conduct } from './conduct.ts';
import { findRun } from './find-run.ts';
import type { ExitCode, Io } from './io.ts';
import { openSite } from './open.ts';
import { addEngineOptions, type EngineOptions, openEngine } from './open-engine.ts';

interface ResumeOptions extends EngineOptions {
  readonly acceptMovedSite?: boolean;
}

/** Adds the options. Exit codes as `apply`. */
export function configure(command: Command, run: Runner): void {
  addEngineOptions(command)
    .argument('[run]', 'which one (default: the newest that was cut or stopped)')
    .option('--accept-moved-site', 'go on with the old plan although the site file has changed since')
    .action(run(async (io, named: string | undefined, options: ResumeOptions) => resume(io, named, options)));
}

async function resume(io: Io, named: string | undefined, options: ResumeOptions): Promise<ExitCode> {
  await using context = await openSite(io, options, 'hosts');
  const { runs } = openEngine(io, context, options);
  const run = await findRun(runs, named, 'resume');
  const { plan } = fromDocument((await runs.look(run)).document, `run ${run}`);
  const signals = { stop: io.stop, abort: io.abort };
  const o = { acceptMovedSite: options.acceptMovedSite ?? false };
  return await conduct(io, context, options, hostsOf(plan).length, (engine) =>
    resumeRun(run, o, engine, signals),
  );
}
