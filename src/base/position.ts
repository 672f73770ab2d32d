/** A place in a file, as editors count: line and column start at 1. `length` is how much to underline. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length?: number;
}

/** `site.yaml:12:5` */
export function formatPosition(position: Position): string {
  return `${position.file}:${position.line}:${position.column}`;
}
