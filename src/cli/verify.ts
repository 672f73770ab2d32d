/** `holdfast verify`: every probe once, and what clients get, with evidence. For scripts: 0 where all is well, else 1. */
import type { Command } from 'commander';
import { formatDuration } from '../base/duration.ts';
import type { Reason } from '../base/reason.ts';
import { pickEndpoint } from '../watch/pick-endpoint.ts';
import { fileStateStore } from '../watch/state.ts';
import { type VerifyLine, verify } from '../watch/verify.ts';
import type { Runner } from './command.ts';
import { paint } from './failure.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { addSiteOptions, openSite, type SiteOptions } from './open.ts';
import { columns } from './render/width.ts';
import { watcherOptions } from './watch-options.ts';

const RED = 31;
const GREEN = 32;

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
  const failed = lines.filter((line) => !line.ok).length;
  if (options.json === true) io.out(`${JSON.stringify({ ok: failed === 0, checks: lines })}\n`);
  else io.out(renderLines(io, lines, ctx.render));
  if (options.json !== true) io.err(`${summary(io, lines.length, failed)}\n`);
  return failed === 0 ? exitCodes.done : exitCodes.failed;
}

function renderLines(io: Io, lines: readonly VerifyLine[], render: (reason: Reason) => string): string {
  const rows = lines.map((line) => [
    paint(io, line.ok ? GREEN : RED, line.ok ? '✓' : '✗'),
    line.endpoint,
    line.check === 'probe' ? line.member : '',
    line.check === 'probe' ? line.probe : line.check,
    evidence(line, render),
  ]);
  return columns(rows)
    .map((row) => `${row}\n`)
    .join('');
}

function evidence(line: VerifyLine, render: (reason: Reason) => string): string {
  if (line.check === 'probe') {
    const { asked, got, tookMs, because } = line.result;
    const said = line.ok ? got : `${got}; ${render(because)}`;
    return `${asked}: ${said} (${formatDuration(tookMs)})`;
  }
  if ('error' in line) return `${line.error.message} → ${line.error.hint}`;
  const { asked, got } = line.observed.evidence;
  return line.ok ? `${asked}: ${got}` : `${asked}: ${got}; ${render(line.because)}`;
}

function summary(io: Io, total: number, failed: number): string {
  if (io.language === 'zh')
    return failed === 0 ? `${total} 项检查全部通过` : `${total} 项检查中 ${failed} 项未通过`;
  return failed === 0 ? `all ${total} checks passed` : `${failed} of ${total} checks failed`;
}
