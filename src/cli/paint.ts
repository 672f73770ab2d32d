import type { Io } from './io.ts';

/** By their SGR numbers (ECMA-48 §8.3.117). */
const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, magenta: 35, cyan: 36 } as const;
export type Style = keyof typeof STYLES;

/** Colours a text where the terminal wants it. */
export function paint(io: Io, style: Style, text: string): string {
  return io.colour ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text;
}
