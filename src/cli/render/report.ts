/** How a run ended: one line, every failure in full, and the exact commands that make sense now. */

import { type ErrorRecord, HoldfastError } from '../../base/errors.ts';
import type { Reason, Sentence } from '../../base/reason.ts';
import type { RunReport } from '../../engine/report.ts';
import { renderFailure } from '../failure.ts';
import type { Io } from '../io.ts';
import { paint } from '../paint.ts';
import { say } from '../say.ts';
import { neutralise } from './diff.ts';

export interface ReportOptions {
  render(reason: Reason): string;
  readonly verbose: boolean;
  /** The command that goes on or back with this run, with the flags of this call. */
  command(way: 'resume' | 'rollback'): string;
}

const WORDS = {
  ended: { en: '{run} {head}: {because}{counts}', zh: '{run} {head}：{because}{counts}' },
  counts: { en: ' ({listed})', zh: '（{listed}）' },
  succeeded: { en: 'succeeded', zh: '成功' },
  reverted: { en: 'rolled back', zh: '已回滚' },
  stopped: { en: 'stopped', zh: '已停止' },
  unknown: { en: 'state unknown', zh: '状态未知' },
  changed: { en: '{count} changed', zh: '变更 {count}' },
  unchanged: { en: '{count} as wanted', zh: '无需变更 {count}' },
  failed: { en: '{count} failed', zh: '失败 {count}' },
  reverts: { en: '{count} put back', zh: '恢复 {count}' },
  waiting: { en: '{count} not begun', zh: '未开始 {count}' },
  toRevert: { en: '{count} still to be put back', zh: '待恢复 {count}' },
  resume: { en: 'to go on:   {command}', zh: '继续：{command}' },
  rollback: { en: 'to go back: {command}', zh: '回退：{command}' },
  stays: { en: 'stays: {step}: {why}', zh: '保持现状：{step}：{why}' },
} satisfies Record<string, Sentence>;

/** Of the evidence of a failure, without --verbose. */
const LAST_LINES = 8;

const COLOURS = { succeeded: 'green', reverted: 'green', stopped: 'red', unknown: 'red' } as const;

/** The end of a run as text. */
export function renderReport(io: Io, report: RunReport, o: ReportOptions): string {
  const { outcome, counts, mode } = report;
  const parts = [
    ...counted(io, 'changed', counts.changed),
    ...counted(io, 'unchanged', counts.unchanged),
    // A whole rollback says how many itself.
    ...(outcome === 'reverted' ? [] : counted(io, 'reverts', counts.reverted)),
    ...counted(io, 'failed', counts.failed),
    ...counted(io, mode === 'rollback' ? 'toRevert' : 'waiting', counts.waiting),
  ];
  const listed = parts.join(io.language === 'zh' ? '，' : ', ');
  const summary = parts.length === 0 ? '' : say(io, WORDS.counts, { listed });
  const head = paint(io, COLOURS[outcome], say(io, WORDS[outcome]));
  const lines = [
    say(io, WORDS.ended, { run: report.run, head, because: o.render(report.because), counts: summary }),
    ...report.left.map(({ step, because }) => `  ${say(io, WORDS.stays, { step, why: o.render(because) })}`),
  ];
  const failures = report.failures.map(({ error }) => renderStepFailure(io, error, o.verbose));
  const next = report.next.map((way) => say(io, WORDS[way], { command: o.command(way) }));
  return `${[...failures, ...lines, ...next].map((line) => line.trimEnd()).join('\n')}\n`;
}

/** What a service or a command said last belongs to the message: nobody wants to ask for it at night. */
function renderStepFailure(io: Io, error: ErrorRecord, verbose: boolean): string {
  if (verbose || error.evidence === undefined) return renderFailure(io, new HoldfastError(error), verbose);
  const { cause: _cause, evidence, ...rest } = error;
  const lines = evidence.trimEnd().split('\n');
  const last = lines.slice(-LAST_LINES);
  const shown = lines.length > last.length ? ['…', ...last] : last;
  return renderFailure(io, new HoldfastError({ ...rest, evidence: shown.map(neutralise).join('\n') }), true);
}

function counted(io: Io, word: keyof typeof WORDS, count: number): string[] {
  return count === 0 ? [] : [say(io, WORDS[word], { count })];
}
