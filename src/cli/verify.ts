/** `holdfast verify`: every probe and trial once, and what clients get, with evidence. For scripts: 0 where all is well, else 1. */
import type { Command } from 'commander';
import { formatDuration } from '../base/duration.ts';
import type { Reason } from '../base/reason.ts';
import { pickEndpoint } from '../watch/pick-endpoint.ts';
import { fileStateStore } from '../watch/state.ts';
import { type VerifyLine, verify } from '../watch/verify.ts';
import type { Runner } from './command.ts';
import { failureLine } from './failure.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { addSiteOptions, openSite, type SiteOptions } from './open.ts';
import { paint } from './paint.ts';
import { columns } from './render/width.ts';
import { watcherOptions } from './watch-options.ts';

const RED = 31;
const GREEN = 32;
const YELLOW = 33;

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
  if (options.json === true) {
    const checks = lines.map((line) => lineJson(line, ctx.render));
    io.out(`${JSON.stringify({ ok: failed === 0, checks })}\n`);
  } else {
    io.out(renderLines(io, lines, ctx.render));
    const warned = lines.reduce((sum, line) => sum + warningsOf(line).length, 0);
    io.err(`${summary(io, lines.length, failed, warned)}\n`);
  }
  return failed === 0 ? exitCodes.done : exitCodes.failed;
}

function renderLines(io: Io, lines: readonly VerifyLine[], render: (reason: Reason) => string): string {
  const rows = lines.flatMap((line) => {
    const about = [
      line.endpoint,
      'result' in line ? line.member : '',
      'result' in line ? line.probe : line.check,
    ];
    const mark = paint(io, line.ok ? GREEN : RED, line.ok ? '✓' : '✗');
    const warnings = warningsOf(line).map((why) => [paint(io, YELLOW, '!'), ...about, render(why)]);
    return [[mark, ...about, evidence(io, line, render)], ...warnings];
  });
  return columns(rows)
    .map((row) => `${row}\n`)
    .join('');
}

function evidence(io: Io, line: VerifyLine, render: (reason: Reason) => string): string {
  if ('result' in line) {
    const { asked, got, tookMs, because } = line.result;
    const said = line.ok ? got : `${got}; ${render(because)}`;
    return `${asked}: ${said} (${formatDuration(tookMs)})`;
  }
  if ('error' in line) return failureLine(io, line.error);
  const { asked, got } = line.observed.evidence;
  return line.ok ? `${asked}: ${got}` : `${asked}: ${got}; ${render(line.because)}`;
}

/** What a probe warns of although it is up: mended in time it never becomes a ✗. */
function warningsOf(line: VerifyLine): readonly Reason[] {
  return 'result' in line ? (line.result.warnings ?? []) : [];
}

/** The line as it is, with the sentences of its reason and of its warnings, so that a script need not know the codes. */
function lineJson(line: VerifyLine, render: (reason: Reason) => string): object {
  if ('error' in line) return line;
  const text = render('result' in line ? line.result.because : line.because);
  return { ...line, text, warnings: warningsOf(line).map(render) };
}

function summary(io: Io, total: number, failed: number, warned: number): string {
  if (io.language === 'zh') {
    const checks = failed === 0 ? `${total} 项检查全部通过` : `${total} 项检查中 ${failed} 项未通过`;
    return warned === 0 ? checks : `${checks}，${warned} 条警告`;
  }
  const checks = failed === 0 ? `all ${total} checks passed` : `${failed} of ${total} checks failed`;
  if (warned === 0) return checks;
  return `${checks}, ${warned} ${warned === 1 ? 'warning' : 'warnings'}`;
}
