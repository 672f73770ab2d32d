import type { Io } from './io.ts';

/** Colours a text where the terminal wants it. `code` is an SGR number. */
export function paint(io: Io, code: number, text: string): string {
  return io.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
}
