/** Columns that align: a Chinese character takes two cells of a terminal (UAX #11). */

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;

const COLOUR = /\u001b\[[0-9;]*m/g;
const RESET = '\u001b[0m';

/** How many cells a text takes; colours take none. */
export function widthOf(text: string): number {
  let cells = 0;
  for (const character of text.replace(COLOUR, ''))
    cells += WIDE.test(character) || (character.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
  return cells;
}

/** The text with blanks up to that many cells. */
export function pad(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - widthOf(text)));
}

/** Rows with every column as wide as its widest cell; what ends a row counts for no width. */
export function columns(rows: readonly (readonly string[])[], gap = 2): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.slice(0, -1).entries())
      widths[index] = Math.max(widths[index] ?? 0, widthOf(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : pad(cell, (widths[index] ?? 0) + gap)))
      .join('')
      .trimEnd(),
  );
}

const PIECES = /\u001b\[[0-9;]*m|[\s\S]/gu;

/**
 * A text in lines of at most so many cells, colours going on across them. It breaks at a blank where one is near the
 * end of the line, otherwise anywhere: Chinese has no blanks, and neither have paths.
 */
export function wrap(text: string, cells: number): string[] {
  if (widthOf(text) <= cells) return [text];
  const lines: string[] = [];
  let [line, width, colour] = ['', 0, ''];
  for (const piece of text.match(PIECES) ?? []) {
    if (piece.startsWith('\u001b')) {
      line += piece;
      colour = piece === RESET ? '' : piece;
      continue;
    }
    if (width + widthOf(piece) > cells) {
      const at = line.lastIndexOf(' ');
      const rest = at > 0 && widthOf(line.slice(at)) < cells / 3 ? line.slice(at + 1) : '';
      const done = rest === '' ? line : line.slice(0, at);
      lines.push(colour === '' ? done : done + RESET);
      line = colour + rest;
      width = widthOf(rest);
    }
    line += piece;
    width += widthOf(piece);
  }
  return [...lines, line];
}
