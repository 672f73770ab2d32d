/** Reads the zone files of BIND (RFC 1035 §5, RFC 2308 §4 for $TTL, BIND 9 ARM chapter 4). */
import { messageOf } from '../base/errors.ts';
import type { Finding } from '../base/finding.ts';
import type { Position } from '../base/position.ts';
import type { Reason } from '../base/reason.ts';
import { buildZone } from './build-zone.ts';
import { DnsError } from './error.ts';
import { type Name, parseName, toName } from './name.ts';
import { parseRdata } from './rdata.ts';
import { dnsReasons } from './reasons.ts';
import type { DnsRecord } from './record.ts';
import { CLASS, classCode, isMetaType, RR_TYPES, typeCode } from './rr-type.ts';
import { LONGEST_TTL, parseTtl } from './ttl.ts';
import type { Zone } from './zone.ts';
import { type Entry, type LexicalError, lexZoneFile, type PlacedWord } from './zone-file-lexer.ts';
import { Mistake, type MistakeCode } from './zone-file-mistake.ts';

/** A record with the place of its first word. */
export interface PlacedRecord extends DnsRecord {
  readonly position: Position;
}

export interface ZoneFileOptions {
  /** The zone's name: where relative names lie until the file says $ORIGIN. */
  readonly origin: Name | string;
  /** Named in positions. */
  readonly file: string;
  /** Gives the text of a file for $INCLUDE, or throws; without it $INCLUDE is an error. */
  readonly include?: (path: string, from: string) => string;
}

/** Findings beyond this are not listed: a wrong file (a binary, a log) would give one a line. */
const MOST_FINDINGS = 100;
const DEEPEST_INCLUDE = 8;

/**
 * Reads a zone file into records. All mistakes are found at once, each with its place; records around them are
 * given nevertheless.
 */
export function parseZoneFile(
  text: string,
  o: ZoneFileOptions,
): { records: readonly PlacedRecord[]; findings: readonly Finding[] } {
  const reader = new ZoneFileReader(o);
  reader.read(text, o.file, 0);
  return { records: reader.records, findings: limited(reader.findings) };
}

/**
 * {@link parseZoneFile} and {@link buildZone} in one.
 * @returns `zone` only where nothing is wrong with the file or the zone; warnings may come with it
 */
export function loadZone(text: string, o: ZoneFileOptions): { zone?: Zone; findings: readonly Finding[] } {
  const { records, findings } = parseZoneFile(text, o);
  const built = buildZone(o.origin, records);
  const all = [...findings, ...built.findings];
  const isWrong = findings.some(({ severity }) => severity === 'error');
  return { ...(isWrong || built.zone === undefined ? {} : { zone: built.zone }), findings: all };
}

class ZoneFileReader {
  readonly records: PlacedRecord[] = [];
  readonly findings: Finding[] = [];
  readonly #o: ZoneFileOptions;
  #origin: Name;
  #owner: Name | undefined;
  #defaultTtl: number | undefined;
  #lastTtl: number | undefined;
  #file: string;

  constructor(o: ZoneFileOptions) {
    this.#o = o;
    this.#origin = toName(o.origin);
    this.#file = o.file;
  }

  read(text: string, file: string, depth: number): void {
    const outer = this.#file;
    this.#file = file;
    const { entries, errors } = lexZoneFile(text);
    for (const error of errors) this.#lexicalError(error);
    for (const entry of entries) this.#readEntry(entry, depth);
    this.#file = outer;
  }

  #readEntry(entry: Entry, depth: number): void {
    const first = entry.words[0] as PlacedWord;
    try {
      if (!entry.isIndented && !first.quoted && first.text.startsWith('$'))
        this.#directive(entry.words, depth);
      else this.#record(entry);
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      this.findings.push(error.finding);
    }
  }

  #directive(words: readonly PlacedWord[], depth: number): void {
    const [directive, argument, extra] = words as [PlacedWord, PlacedWord?, PlacedWord?];
    const name = directive.text.toUpperCase();
    if (name === '$INCLUDE' && this.#o.include !== undefined) {
      this.#include(words, depth);
      return;
    }
    if (name !== '$ORIGIN' && name !== '$TTL')
      throw this.#mistake('directive', directive, { directive: directive.text });
    if (argument === undefined) throw this.#syntax(directive, 'a value', 'nothing');
    if (extra !== undefined) throw this.#syntax(extra, 'the end of the line', extra.text);
    if (name === '$ORIGIN') this.#origin = this.#name(argument);
    else this.#defaultTtl = this.#ttl(argument);
  }

  /** The origin comes back afterwards, the owner does not count inside (RFC 1035 §5.1). */
  #include(words: readonly PlacedWord[], depth: number): void {
    const [directive, path, origin] = words as [PlacedWord, PlacedWord?, PlacedWord?];
    if (path === undefined) throw this.#syntax(directive, 'the path of a file', 'nothing');
    const failed = (why: string): Mistake => this.#mistake('include', path, { file: path.text, why });
    if (depth === DEEPEST_INCLUDE) throw failed(`more than ${DEEPEST_INCLUDE} files deep`);
    const outer = { origin: this.#origin, owner: this.#owner };
    if (origin !== undefined) this.#origin = this.#name(origin);
    let text: string;
    try {
      text = this.#o.include?.(path.text, this.#file) ?? '';
    } catch (error) {
      throw failed(messageOf(error));
    }
    this.read(text, path.text, depth + 1);
    this.#origin = outer.origin;
    this.#owner = outer.owner;
  }

  #record(entry: Entry): void {
    const words = [...entry.words];
    const first = words[0] as PlacedWord;
    if (!entry.isIndented) this.#owner = this.#name(words.shift() as PlacedWord);
    if (this.#owner === undefined) throw this.#mistake('no-owner', first, {});
    const { ttl: explicitTtl, type } = this.#ttlAndType(words, first);
    const owner = this.#owner;
    const rdata = this.#rdata(type, words, first);
    const ttl = explicitTtl ?? this.#defaultTtl ?? this.#lastTtl ?? minimumOf(type, rdata);
    if (ttl === undefined) throw this.#mistake('no-ttl', first, {});
    this.#lastTtl = ttl;
    this.records.push({ name: owner, type, ttl, rdata, position: this.#at(first) });
  }

  /** `[ttl] [class] type`, the first two in either order (RFC 1035 §5.1). Takes them off the front. */
  #ttlAndType(words: PlacedWord[], first: PlacedWord): { ttl: number | undefined; type: number } {
    let ttl: number | undefined;
    let hasClass = false;
    for (;;) {
      const word = words.shift();
      if (word === undefined) throw this.#syntax(first, 'a type and data', 'the end of the line');
      const recordClass = hasClass ? undefined : classOf(word.text);
      if (recordClass !== undefined) {
        if (recordClass !== CLASS.IN) throw this.#syntax(word, 'class IN', word.text);
        hasClass = true;
      } else if (ttl === undefined && /^\d/.test(word.text)) ttl = this.#ttl(word);
      else return { ttl, type: this.#type(word) };
    }
  }

  #type(word: PlacedWord): number {
    const type = typeCode(word.text);
    if (type === undefined || isMetaType(type) || word.quoted) {
      throw this.#syntax(word, 'a record type such as A or TXT', word.text);
    }
    return type;
  }

  #rdata(type: number, words: readonly PlacedWord[], first: PlacedWord): Uint8Array {
    try {
      return parseRdata(type, words, this.#origin);
    } catch (error) {
      throw this.#fromError(error, words[0] ?? first);
    }
  }

  #name(word: PlacedWord): Name {
    if (word.text === '@' && !word.quoted) return this.#origin;
    try {
      return parseName(word.text, this.#origin);
    } catch (error) {
      throw this.#fromError(error, word);
    }
  }

  #ttl(word: PlacedWord): number {
    const ttl = parseTtl(word.text);
    if (ttl === undefined || ttl > LONGEST_TTL) {
      throw this.#syntax(word, 'a time such as 300, 5m or 1D, at most 2147483647 seconds', word.text);
    }
    return ttl;
  }

  #lexicalError(error: LexicalError): void {
    this.findings.push(this.#mistake(error.what, { ...error, text: ' ', quoted: false }, {}).finding);
  }

  #fromError(error: unknown, word: PlacedWord): Mistake {
    if (!(error instanceof DnsError)) throw error;
    return this.#syntax(word, error.expected ?? '', error.got ?? '');
  }

  #syntax(word: PlacedWord, expected: string, got: string): Mistake {
    return this.#mistake('syntax', word, { expected, got });
  }

  #mistake(code: MistakeCode, word: PlacedWord, params: Reason['params']): Mistake {
    return new Mistake(code, params, this.#at(word));
  }

  #at(word: PlacedWord): Position {
    const length = Math.max(1, word.text.length + (word.quoted ? 2 : 0));
    return { file: this.#file, line: word.line, column: word.column, length };
  }
}

function classOf(word: string): number | undefined {
  return word.toUpperCase() === 'ANY' ? undefined : classCode(word);
}

/** Without any TTL above it, an SOA takes its own minimum, as in BIND. */
function minimumOf(type: number, rdata: Uint8Array): number | undefined {
  if (type !== RR_TYPES.SOA) return undefined;
  return Buffer.from(rdata).readUInt32BE(rdata.length - 4);
}

function limited(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= MOST_FINDINGS) return findings;
  const more: Finding = {
    rule: 'dns/zone-file-too-many',
    severity: 'error',
    because: dnsReasons.of('dns-file-too-many'),
    hint: dnsReasons.of('dns-file-too-many-hint'),
  };
  return [...findings.slice(0, MOST_FINDINGS), more];
}
