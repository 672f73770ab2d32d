/**
 * A zone file as tokens that know where they stand, so that an edit can leave every other byte as it is
 * (RFC 1035 §5.1). Pure. The text holds one byte a character (latin1), whatever the file's encoding.
 */
import { DnsBindError } from './error.ts';

export interface ZoneToken {
  /** As written, without the quotes where it is quoted; escapes are kept. */
  readonly text: string;
  readonly quoted: boolean;
  /** Offsets into the file, quotes included; `end` is the first character after it. */
  readonly start: number;
  readonly end: number;
}

/** One record or directive, over as many lines as its parentheses hold. */
export interface ZoneEntry {
  readonly tokens: readonly ZoneToken[];
  /** It begins with white space: the owner is that of the record before. */
  readonly indented: boolean;
  /** Start of its first line, and the start of the line after its last. */
  readonly start: number;
  readonly end: number;
  /** From 1, for people. */
  readonly line: number;
}

/**
 * Splits a zone file into its entries; empty lines and comments are in none.
 * @throws DnsBindError `dns-bind/zone-syntax` for a parenthesis or a quote that is not closed
 */
export function lexZone(text: string): ZoneEntry[] {
  const entries: ZoneEntry[] = [];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const entry = readEntry(text, at, line);
    if (entry.tokens.length > 0) entries.push(entry);
    line += countLines(text, at, entry.end);
    at = entry.end;
  }
  return entries;
}

function readEntry(text: string, start: number, line: number): ZoneEntry {
  const tokens: ZoneToken[] = [];
  const indented = isBlank(text[start]);
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const character = text[at] as string;
    if (character === '\n') {
      at++;
      if (depth === 0) break;
    } else if (character === ';') {
      at = endOfLine(text, at);
    } else if (character === '(' || character === ')') {
      depth += character === '(' ? 1 : -1;
      if (depth < 0) throw unbalanced(line, 'a ) without its (');
      at++;
    } else if (isBlank(character)) {
      at++;
    } else {
      const token = character === '"' ? readQuoted(text, at, line) : readWord(text, at);
      tokens.push(token);
      at = token.end;
    }
  }
  if (depth > 0) throw unbalanced(line, 'a ( that is never closed');
  return { tokens, indented, start, end: at, line };
}

/** Everything up to white space, a comment, a parenthesis or a quote; a backslash takes what follows it along. */
const WORD = /(?:\\[\s\S]|[^ \t\r\n\f;()"\\])+|\\$/y;

function readWord(text: string, start: number): ZoneToken {
  WORD.lastIndex = start;
  const [word] = WORD.exec(text) as RegExpExecArray;
  return { text: word, quoted: false, start, end: start + word.length };
}

function readQuoted(text: string, start: number, line: number): ZoneToken {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === '\n') break;
    at += text[at] === '\\' ? 2 : 1;
  }
  if (text[at] !== '"') throw unbalanced(line, 'a " that is not closed on its line');
  return { text: text.slice(start + 1, at), quoted: true, start, end: at + 1 };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

/** CR is white space: a file with CRLF is edited without touching its line ends. */
function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\f';
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = from; at < to; at++) if (text[at] === '\n') lines++;
  return lines;
}

function unbalanced(line: number, got: string): DnsBindError {
  return new DnsBindError({
    code: 'dns-bind/zone-syntax',
    message: `the zone file cannot be read: line ${line}`,
    expected: 'a zone file as RFC 1035 section 5.1 describes it',
    got,
    hint: 'Run named-checkzone on the file and mend what it reports; nothing was changed.',
  });
}
