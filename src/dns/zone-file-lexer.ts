import type { Word } from './rdata-field.ts';

/** A word with its place; lines and columns start at 1. */
export interface PlacedWord extends Word {
  readonly line: number;
  readonly column: number;
}

/** One entry of a zone file: a line, or several that parentheses hold together. */
export interface Entry {
  /** Whether it starts with white space, and so repeats the owner above it. */
  readonly isIndented: boolean;
  readonly words: readonly PlacedWord[];
}

export interface LexicalError {
  readonly what: 'open-quote' | 'parenthesis';
  readonly line: number;
  readonly column: number;
}

/**
 * Cuts a zone file into entries (RFC 1035 §5.1): comments and empty lines dropped, parentheses followed, quotes
 * dropped, escapes kept. A line with an error is left out, all others are given.
 */
export function lexZoneFile(text: string): { entries: Entry[]; errors: LexicalError[] } {
  const lexer = new Lexer();
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const [index, line] of lines.entries()) lexer.readLine(line.replace(/\r$/, ''), index + 1);
  return lexer.finish();
}

const TOKEN = /[ \t]+|;.*|[()]|"(?:[^"\\]|\\.)*"|"|(?:[^\s;()"\\]|\\.|\\$)+|./y;

class Lexer {
  readonly #entries: Entry[] = [];
  readonly #errors: LexicalError[] = [];
  #words: PlacedWord[] = [];
  #isIndented = false;
  #hasError = false;
  #open: { line: number; column: number }[] = [];

  readLine(text: string, line: number): void {
    if (this.#open.length === 0) this.#isIndented = /^[ \t]/.test(text);
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
      this.#take(match[0], { line, column: match.index + 1 });
    }
    if (this.#open.length === 0) this.#endEntry();
  }

  finish(): { entries: Entry[]; errors: LexicalError[] } {
    for (const place of this.#open) this.#fail('parenthesis', place);
    this.#endEntry();
    return { entries: this.#entries, errors: this.#errors };
  }

  #take(token: string, place: { line: number; column: number }): void {
    const first = token[0] as string;
    if (first === ' ' || first === '\t' || first === ';') return;
    if (first === '(') this.#open.push(place);
    else if (first === ')') {
      if (this.#open.pop() === undefined) this.#fail('parenthesis', place);
    } else if (token === '"') this.#fail('open-quote', place);
    else if (first === '"') this.#words.push({ text: token.slice(1, -1), quoted: true, ...place });
    else this.#words.push({ text: token, quoted: false, ...place });
  }

  #fail(what: LexicalError['what'], place: { line: number; column: number }): void {
    this.#errors.push({ what, ...place });
    this.#hasError = true;
  }

  #endEntry(): void {
    if (this.#words.length > 0 && !this.#hasError) {
      this.#entries.push({ isIndented: this.#isIndented, words: this.#words });
    }
    this.#words = [];
    this.#hasError = false;
  }
}
