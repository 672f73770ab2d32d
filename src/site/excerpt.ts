import type { Position } from '../base/position.ts';
import { isSecretRef } from './secret-ref.ts';
import { displayWidth } from './width.ts';

/** A line of a file and what to print below it. */
export interface Excerpt {
  readonly line: string;
  /** Spaces and `^`, aligned in a terminal whatever the script of the line. */
  readonly underline: string;
}

/** Long lines are cut to this many characters around the place. */
const LONGEST = 160;

/**
 * The line at a position with the place underlined. Tabs become two spaces. A password in plain text is blotted
 * out: the excerpt goes to terminals and CI logs.
 * @param lines of the file, without line ends
 * @returns undefined where the file has no such line (it changed meanwhile)
 */
export function excerptAt(lines: readonly string[], position: Position): Excerpt | undefined {
  const raw = lines[position.line - 1];
  if (raw === undefined) return undefined;
  const { text, start } = cut(blotSecrets(raw.replace(/\r$/, '')), position.column - 1);
  const before = untab(text.slice(0, start));
  // A blotted secret keeps its columns, so that the line stays aligned, but does not show its length.
  const marked = untab(text.slice(start, start + (position.length ?? 1))).trimEnd();
  const underline = ' '.repeat(displayWidth(before)) + '^'.repeat(Math.max(displayWidth(marked), 1));
  return { line: untab(text).trimEnd(), underline };
}

function cut(text: string, column: number): { text: string; start: number } {
  if (text.length <= LONGEST) return { text, start: column };
  const from = Math.max(0, Math.min(column - 40, text.length - LONGEST));
  const until = from + LONGEST;
  const head = from > 0 ? '…' : '';
  return {
    text: `${head}${text.slice(from, until)}${until < text.length ? '…' : ''}`,
    start: column - from + head.length,
  };
}

function untab(text: string): string {
  return text.replaceAll('\t', '  ');
}

/** `password: x`, `--password=x` and `https://user:x@host`, keeping every column where it is. */
function blotSecrets(line: string): string {
  const blot = (secret: string): string => '•••'.padEnd(secret.length).slice(0, Math.max(secret.length, 1));
  return line
    .replace(SECRET_KEY, (whole, key: string, value: string) =>
      isSecretRef(value.replace(/^["']|["']$/g, '')) ? whole : key + blot(value),
    )
    .replace(
      /(--?pass(?:word|wd)?[= ])([^\s"'\],]+)/gi,
      (_, flag: string, value: string) => flag + blot(value),
    )
    .replace(/(:\/\/[^\s/:@"']+:)([^\s/@"']+)(?=@)/g, (_, user: string, value: string) => user + blot(value));
}

/** Misspelt keys too: `passwrd` holds a password all the same. */
const SECRET_KEY =
  /(\b(?:[\w-]*(?:pass|pwd|secret|token|credential|(?:api|private)-?key)[\w-]*|sudo)["']?\s*:\s+)("[^"]*"|'[^']*'|(?!none\b|nopasswd\b|[{[&*!|>])[^\s,}\]#]+)/gi;
