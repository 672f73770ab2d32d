/** Lines of a verification on a terminal, and for scripts. */
import { formatDuration } from '../../base/duration.ts';
import type { Reason } from '../../base/reason.ts';
import type { VerifyLine } from '../../watch/verify.ts';
import { failureLine } from '../failure.ts';
import type { Io } from '../io.ts';
import { paint } from '../paint.ts';
import { columns } from './width.ts';

/** A row a line: what was asked, what came, and below it what it warns of. */
export function renderVerified(
  io: Io,
  lines: readonly VerifyLine[],
  render: (reason: Reason) => string,
): string {
  const rows = lines.flatMap((line) => {
    const about = [
      line.endpoint,
      'result' in line ? line.member : '',
      'result' in line ? line.probe : line.check,
    ];
    const mark = paint(io, line.ok ? 'green' : 'red', line.ok ? '✓' : '✗');
    const warnings = warningsOf(line).map((why) => [paint(io, 'yellow', '!'), ...about, render(why)]);
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

/** For scripts. */
export function verifiedJson(lines: readonly VerifyLine[], render: (reason: Reason) => string): object {
  return { ok: lines.every((line) => line.ok), checks: lines.map((line) => lineJson(line, render)) };
}

/** The line as it is, with the sentences of its reason and of its warnings, so that a script need not know the codes. */
function lineJson(line: VerifyLine, render: (reason: Reason) => string): object {
  if ('error' in line) return line;
  const text = render('result' in line ? line.result.because : line.because);
  return { ...line, text, warnings: warningsOf(line).map(render) };
}

/** How many there were, and how many are not well: `2 of 7 checks failed`. */
export function verifiedSummary(io: Io, lines: readonly VerifyLine[]): string {
  const total = lines.length;
  const failed = lines.filter((line) => !line.ok).length;
  const warned = lines.reduce((sum, line) => sum + warningsOf(line).length, 0);
  if (io.language === 'zh') {
    const checks = failed === 0 ? `${total} 项检查全部通过` : `${total} 项检查中 ${failed} 项未通过`;
    return warned === 0 ? checks : `${checks}，${warned} 条警告`;
  }
  const checks = failed === 0 ? `all ${total} checks passed` : `${failed} of ${total} checks failed`;
  if (warned === 0) return checks;
  return `${checks}, ${warned} ${warned === 1 ? 'warning' : 'warnings'}`;
}
