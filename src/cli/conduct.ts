/** What apply, resume and rollback share: show the run while it goes on, then how it ended. */
import type { Context } from '../app/context.ts';
import type { Engine } from '../engine/engine.ts';
import { isRefusal, type Refusal, type RunReport } from '../engine/report.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { nextCommand } from './next-command.ts';
import { type EngineOptions, openEngine } from './open-engine.ts';
import { refuse } from './refuse.ts';
import { openProgress } from './render/open-progress.ts';
import { renderReport } from './render/report.ts';

/**
 * Runs `work` with an engine whose events are shown, and reports its end.
 * @param hosts how many hosts the run works on
 */
export async function conduct(
  io: Io,
  context: Context,
  options: EngineOptions,
  hosts: number,
  work: (engine: Engine) => Promise<RunReport | Refusal>,
): Promise<ExitCode> {
  const { render } = context;
  const progress = await openProgress(io, hosts, { json: options.json, render });
  let result: RunReport | Refusal;
  try {
    result = await work(openEngine(io, context, options, (event) => progress.emit(event)));
  } finally {
    await progress.end();
  }
  if (isRefusal(result)) return refuse(io, context, result, options.json);
  if (!options.json) {
    const { run } = result;
    const command = (way: 'resume' | 'rollback') => nextCommand([way, run], options);
    io.err(renderReport(io, result, { render, verbose: options.verbose ?? false, command }));
  }
  return exitCodeOf(io, result);
}

function exitCodeOf(io: Io, { outcome }: RunReport): ExitCode {
  if (outcome === 'succeeded' || outcome === 'reverted') return exitCodes.done;
  return io.stop.aborted ? exitCodes.interrupted : exitCodes.failed;
}
