/** What happened when, as lines for people. */
import { displayWidth } from '../../site/width.ts';

export interface Moment {
  /** Milliseconds since the demo's own zero. */
  readonly atMs: number;
  /** Whose voice: the demo, the watcher, the client. */
  readonly who: 'demo' | 'watch' | 'client';
  readonly text: string;
}

/** `  4.21 s  watch   failover from original to standby: …` */
export function formatMoment(moment: Moment): string {
  return `${(moment.atMs / 1_000).toFixed(2).padStart(7)} s  ${moment.who.padEnd(7)} ${moment.text}`;
}

/** Rows as a table with aligned columns; wide (CJK) characters count two. The first row is the head. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] as number) - displayWidth(cell)))
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = rows;
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(head), rule, ...body.map(line)].join('\n');
}
