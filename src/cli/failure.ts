/** How a failure looks on a terminal: what failed and where, expected against got, and what to do. */
import { toErrorRecord } from '../base/errors.ts';
import { formatPosition } from '../base/position.ts';
import type { Io } from './io.ts';

/** Renders anything thrown; evidence and cause only where `verbose` is set. Never a stack. */
export function renderFailure(io: Io, thrown: unknown, verbose: boolean): string {
  const record = toErrorRecord(thrown);
  const words = io.language === 'zh' ? zh : en;
  const where = [
    record.where.host === undefined ? undefined : `${words.host} ${record.where.host}`,
    record.where.step === undefined ? undefined : `${words.step} ${record.where.step}`,
    record.where.position === undefined ? undefined : formatPosition(record.where.position),
  ].filter((part) => part !== undefined);
  const lines = [
    `${paint(io, 31, words.error)} ${record.message}${where.length > 0 ? ` (${where.join(', ')})` : ''}`,
  ];
  if (record.expected !== undefined) lines.push(`  ${words.expected} ${record.expected}`);
  if (record.got !== undefined) lines.push(`  ${words.got} ${record.got}`);
  if (verbose && record.cause !== undefined) lines.push(`  ${words.cause} ${record.cause}`);
  if (verbose && record.evidence !== undefined)
    lines.push(...record.evidence.split('\n').map((line) => `  | ${line}`));
  lines.push(`  → ${record.hint} [${record.code}]`);
  return `${lines.join('\n')}\n`;
}

/** Colours a text where the terminal wants it. `code` is an SGR number. */
export function paint(io: Io, code: number, text: string): string {
  return io.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
}

const en = {
  error: 'error:',
  host: 'host',
  step: 'step',
  expected: 'expected:',
  got: 'got:',
  cause: 'cause:',
};
const zh = { error: '错误:', host: '主机', step: '步骤', expected: '期望:', got: '实际:', cause: '原因:' };
