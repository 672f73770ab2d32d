import type { Sentence } from '../base/reason.ts';
import type { Io } from './io.ts';

/** A sentence in the terminal's language, with `{name}` filled in. */
export function say(
  io: Io,
  sentence: Sentence,
  params: Readonly<Record<string, string | number>> = {},
): string {
  return sentence[io.language].replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}
