import type { Position } from '../../base/position.ts';

/** A word of a line-based file, with its place. */
export interface Word {
  readonly text: string;
  readonly position: Position;
}

/** Words of each line that has any, comments taken away. Tolerates CRLF. */
export function wordsByLine(file: string, text: string, comment: RegExp): Word[][] {
  const lines = text.split(/\r?\n/);
  return lines
    .map((line, index) => wordsOf(file, line.replace(comment, ''), index + 1))
    .filter((words) => words.length > 0);
}

function wordsOf(file: string, line: string, number: number): Word[] {
  return [...line.matchAll(/\S+/g)].map((match) => ({
    text: match[0],
    position: { file, line: number, column: match.index + 1, length: match[0].length },
  }));
}
