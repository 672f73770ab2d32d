/** How a failure looks on a terminal: what failed and where, expected against got, and what to do. */
import { findErrorText } from '../base/error-table.ts';
import { type ErrorRecord, toErrorRecord, type Where } from '../base/errors.ts';
import { formatPosition } from '../base/position.ts';
import type { Sentence } from '../base/reason.ts';
import { allErrorTables } from './error-tables.ts';
import type { Io } from './io.ts';
import { paint } from './paint.ts';

/**
 * Renders anything thrown; evidence and cause only where `verbose` is set. Never a stack. An error's own words are
 * English: in Chinese the entry of its code stands before and after them.
 */
export function renderFailure(io: Io, thrown: unknown, verbose: boolean): string {
  const record = toErrorRecord(thrown);
  const entry = io.language === 'zh' ? findErrorText(record.code, allErrorTables, 'zh') : undefined;
  const lines = [
    `${paint(io, 'red', WORDS.error[io.language])}${entry?.what ?? record.message}${placeOf(io, record.where)}`,
    ...(entry === undefined ? [] : detail(io, 'said', record.message)),
    ...detail(io, 'expected', record.expected),
    ...detail(io, 'got', record.got),
    ...(verbose ? detail(io, 'cause', record.cause) : []),
    ...(verbose ? (record.evidence?.split('\n') ?? []).map((line) => `  | ${line}`) : []),
    ...(entry === undefined ? [] : detail(io, 'hint', record.hint)),
    `  → ${entry?.mend ?? record.hint} [${record.code}]`,
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * The same in short, for a row of a table: what failed, and what to do. In Chinese what the code means stands before the
 * error's own words.
 */
export function failureParts(
  io: Io,
  { code, message, hint }: ErrorRecord,
): { readonly what: string; readonly mend: string } {
  const entry = io.language === 'zh' ? findErrorText(code, allErrorTables, 'zh') : undefined;
  if (entry === undefined) return { what: message, mend: hint };
  return { what: `${entry.what}${WORDS.said.zh}${message}`, mend: entry.mend };
}

/** `failureParts` in one line. */
export function failureLine(io: Io, record: ErrorRecord): string {
  const { what, mend } = failureParts(io, record);
  return `${what} → ${mend}`;
}

function placeOf(io: Io, { host, step, position }: Where): string {
  const parts = [
    host === undefined ? undefined : `${WORDS.host[io.language]} ${host}`,
    step === undefined ? undefined : `${WORDS.step[io.language]} ${step}`,
    position === undefined ? undefined : formatPosition(position),
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return '';
  return io.language === 'zh' ? `（${parts.join('，')}）` : ` (${parts.join(', ')})`;
}

function detail(io: Io, word: keyof typeof WORDS, text: string | undefined): string[] {
  return text === undefined ? [] : [`  ${WORDS[word][io.language]}${text}`];
}

const WORDS = {
  error: { en: 'error: ', zh: '错误：' },
  host: { en: 'host', zh: '主机' },
  step: { en: 'step', zh: '步骤' },
  said: { en: 'said: ', zh: '详情：' },
  expected: { en: 'expected: ', zh: '期望：' },
  got: { en: 'got: ', zh: '实际：' },
  cause: { en: 'cause: ', zh: '原因：' },
  hint: { en: 'hint: ', zh: '提示：' },
} satisfies Record<string, Sentence>;
