/** Findings as a person reads them: place, rule, sentence, the line with the place underlined, and what to do. */
import type { Finding, Severity } from '../../base/finding.ts';
import { formatPosition } from '../../base/position.ts';
import type { Reason, Sentence } from '../../base/reason.ts';
import { excerptAt } from '../../site/excerpt.ts';
import type { Io } from '../io.ts';
import { paint, type Style } from '../paint.ts';

/** A severity's word and colour. */
export const SEVERITIES: Readonly<Record<Severity, Sentence & { colour: Style }>> = {
  error: { en: 'error', zh: '错误', colour: 'red' },
  warning: { en: 'warning', zh: '警告', colour: 'yellow' },
  info: { en: 'info', zh: '提示', colour: 'cyan' },
};

const ACCEPTED: Sentence = { en: 'accepted', zh: '已接受' };

export interface FindingsInput {
  readonly findings: readonly Finding[];
  render(reason: Reason): string;
  /** The lines of a file that a position names; undefined where it cannot be read. */
  linesOf(file: string): readonly string[] | undefined;
}

/** Every finding as a block of lines, with an empty line between two. */
export function renderFindings(io: Io, input: FindingsInput): string {
  return input.findings.map((finding) => renderFinding(io, finding, input)).join('\n');
}

function renderFinding(io: Io, finding: Finding, input: FindingsInput): string {
  const { position, suppressed } = finding;
  const severity = SEVERITIES[finding.severity];
  const place = position === undefined ? '' : `${paint(io, 'bold', formatPosition(position))} `;
  const word = suppressed === undefined ? severity : { ...ACCEPTED, colour: 'dim' as const };
  const lines = [
    `${place}${paint(io, word.colour, `${word[io.language]} ${finding.rule}`)} ${input.render(finding.because)}`,
  ];
  const excerpt =
    position === undefined ? undefined : excerptAt(input.linesOf(position.file) ?? [], position);
  if (excerpt !== undefined) {
    const number = String(position?.line);
    lines.push(
      `${paint(io, 'dim', `  ${number} │`)} ${excerpt.line}`,
      `${paint(io, 'dim', `  ${' '.repeat(number.length)} │`)} ${paint(io, severity.colour, excerpt.underline)}`,
    );
  }
  lines.push(`  → ${suppressed ?? input.render(finding.hint)}`);
  return `${lines.join('\n')}\n`;
}
