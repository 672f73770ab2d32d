import { DnsError, malformed } from './error.ts';

/** RFC 1035 §2.3.4 */
const LONGEST_LABEL = 63;
/** RFC 1035 §2.3.4: all labels, their length bytes and the root. */
const LONGEST_NAME = 255;

/**
 * A domain name: absolute, uncompressed, its case kept. Two names are the same where their `key`s are equal
 * (RFC 4343: ASCII case does not count).
 */
export class Name {
  /** Wire form without compression, with the final zero byte. Never changed. */
  readonly wire: Uint8Array;
  #key: string | undefined;

  /** @param wire a whole, valid name; use {@link parseName} or {@link readName} for foreign data */
  constructor(wire: Uint8Array) {
    this.wire = wire;
  }

  /** The wire form in lower case, a byte a character: what maps are keyed by. */
  get key(): string {
    this.#key ??= foldKey(this.wire, 0, this.wire.length);
    return this.#key;
  }

  /** The root has none. */
  get labelCount(): number {
    return labelOffsets(this.key).length;
  }

  get isRoot(): boolean {
    return this.wire.length === 1;
  }

  /** Whether the first label is `*` (RFC 4592 §2.1.1). */
  get isWildcard(): boolean {
    return this.wire[0] === 1 && this.wire[1] === 0x2a;
  }

  /** Without its first label; undefined for the root. */
  get parent(): Name | undefined {
    return this.isRoot ? undefined : new Name(this.wire.subarray(1 + (this.wire[0] as number)));
  }

  equals(other: Name): boolean {
    return this.key === other.key;
  }

  /** Whether this is `ancestor` or lies below it. */
  isAtOrUnder(ancestor: Name): boolean {
    return keyIsAtOrUnder(this.key, ancestor.key);
  }

  /** This name as a child: `child('www')` of `example.com.` is `www.example.com.`; the label is a bare, raw one. */
  child(label: string): Name {
    const bytes = Buffer.from(label, 'latin1');
    if (bytes.length === 0 || bytes.length > LONGEST_LABEL) throw badName(label, 'a label of 1 to 63 bytes');
    return checked(Buffer.concat([Buffer.of(bytes.length), bytes, this.wire]), label);
  }

  /** Presentation form with the final dot, escaped as in zone files (RFC 1035 §5.1). */
  toString(): string {
    if (this.isRoot) return '.';
    let text = '';
    for (let at = 0; this.wire[at] !== 0; ) {
      const end = at + 1 + (this.wire[at] as number);
      for (at++; at < end; at++) text += escapeByte(this.wire[at] as number);
      text += '.';
    }
    return text;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** The root of the tree, `.` */
export const ROOT = new Name(Uint8Array.of(0));

/**
 * Text → name. `\.` and `\065` are understood; without a final dot the name is taken below `origin`, or as
 * absolute where there is none.
 * @throws DnsError `dns/bad-name`
 */
export function parseName(text: string, origin: Name = ROOT): Name {
  if (text === '.') return ROOT;
  if (text === '') throw badName(text, 'at least one label');
  const labels: number[] = [];
  let label: number[] = [];
  const endLabel = (): void => {
    if (label.length === 0) throw badName(text, 'no empty label (two dots in a row, or a dot at the start)');
    if (label.length > LONGEST_LABEL) throw badName(text, `labels of at most ${LONGEST_LABEL} bytes`);
    labels.push(label.length, ...label);
    label = [];
  };
  let absolute = false;
  for (let at = 0; at < text.length; ) {
    if (text[at] === '.') {
      endLabel();
      at++;
      absolute = at === text.length;
      continue;
    }
    const { byte, length } = readCharacter(text, at);
    label.push(byte);
    at += length;
  }
  if (!absolute) endLabel();
  return checked(Buffer.concat([Buffer.from(labels), absolute ? ROOT.wire : origin.wire]), text);
}

/** A name as given by a caller: text is parsed as an absolute name. */
export function toName(name: Name | string): Name {
  return typeof name === 'string' ? parseName(name) : name;
}

/**
 * Reads one character of presentation form: a plain one, `\.` or `\DDD` (RFC 1035 §5.1).
 * @throws DnsError `dns/bad-name` for bytes beyond ASCII, which have no single meaning in DNS
 */
function readCharacter(text: string, at: number): { byte: number; length: number } {
  const code = text.charCodeAt(at);
  if (code !== 0x5c) {
    if (code <= 0x20 || code >= 0x7f) {
      throw badName(text, 'letters, digits and signs of ASCII; other names in their xn-- form (IDNA)');
    }
    return { byte: code, length: 1 };
  }
  const decimal = /^\d{3}/.exec(text.slice(at + 1, at + 4))?.[0];
  if (decimal !== undefined) {
    if (Number(decimal) > 255) throw badName(text, 'escapes from \\000 to \\255');
    return { byte: Number(decimal), length: 4 };
  }
  const escaped = text.charCodeAt(at + 1);
  if (Number.isNaN(escaped) || escaped > 0x7e || (escaped >= 0x30 && escaped <= 0x39)) {
    throw badName(text, 'a character or three digits after the backslash');
  }
  return { byte: escaped, length: 2 };
}

/**
 * Reads a name of a packet, following compression pointers (RFC 1035 §4.1.4). Each pointer must point before the
 * part of the name that it ends, so a loop cannot exist.
 * @returns the name, and the offset after it
 * @throws DnsError `dns/malformed`
 */
export function readName(packet: Uint8Array, offset: number): { name: Name; next: number } {
  const bytes = new Uint8Array(LONGEST_NAME);
  let length = 0;
  let at = offset;
  let partStart = offset;
  let next = -1;
  for (;;) {
    const size = packet[at];
    if (size === undefined) throw malformed('ends inside a name');
    if (size === 0) {
      bytes[length++] = 0;
      return { name: new Name(bytes.slice(0, length)), next: next === -1 ? at + 1 : next };
    }
    if (size >= 0xc0) {
      const low = packet[at + 1];
      if (low === undefined) throw malformed('ends inside a compression pointer');
      const target = ((size & 0x3f) << 8) | low;
      if (target >= partStart) throw malformed('has a compression pointer that does not point back');
      if (next === -1) next = at + 2;
      at = target;
      partStart = target;
      continue;
    }
    if (size > LONGEST_LABEL) throw malformed('has a label of an unknown kind');
    if (length + 1 + size >= LONGEST_NAME) throw malformed('has a name of more than 255 bytes');
    if (at + 1 + size > packet.length) throw malformed('ends inside a label');
    for (let index = 0; index <= size; index++) bytes[length++] = packet[at + index] as number;
    at += 1 + size;
  }
}

/**
 * The offset after a name, without following pointers.
 * @throws DnsError `dns/malformed`
 */
export function skipName(packet: Uint8Array, offset: number): number {
  for (let at = offset; ; ) {
    const size = packet[at];
    if (size === undefined) throw malformed('ends inside a name');
    if (size === 0) return at + 1;
    if (size >= 0xc0) return at + 2;
    if (size > LONGEST_LABEL) throw malformed('has a label of an unknown kind');
    at += 1 + size;
    if (at - offset >= LONGEST_NAME) throw malformed('has a name of more than 255 bytes');
  }
}

/** The key of the uncompressed name in `bytes[start, end)`: lower case, a byte a character. */
export function foldKey(bytes: Uint8Array, start: number, end: number): string {
  let key = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    key += String.fromCharCode(byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);
  }
  return key;
}

/** The wire form (in lower case) behind a key. */
export function keyToName(key: string): Name {
  return new Name(Buffer.from(key, 'latin1'));
}

/** Where each label of a key starts, the root's excepted. */
export function labelOffsets(key: string): number[] {
  const offsets: number[] = [];
  for (let at = 0; key.charCodeAt(at) !== 0; at += 1 + key.charCodeAt(at)) offsets.push(at);
  return offsets;
}

/** {@link Name.isAtOrUnder} for keys. A label may hold any byte, so only label boundaries are compared. */
export function keyIsAtOrUnder(key: string, ancestor: string): boolean {
  let at = 0;
  while (key.length - at > ancestor.length) at += 1 + key.charCodeAt(at);
  return key.length - at === ancestor.length && key.endsWith(ancestor);
}

function escapeByte(byte: number): string {
  if (byte <= 0x20 || byte >= 0x7f) return `\\${String(byte).padStart(3, '0')}`;
  const character = String.fromCharCode(byte);
  return '."\\;()@$'.includes(character) ? `\\${character}` : character;
}

function checked(wire: Uint8Array, text: string): Name {
  if (wire.length > LONGEST_NAME) throw badName(text, 'at most 255 bytes in all');
  return new Name(wire);
}

function badName(text: string, expected: string): DnsError {
  return new DnsError({
    code: 'dns/bad-name',
    message: `'${text}' is no domain name`,
    expected,
    got: text === '' ? 'nothing' : text,
    hint: 'Write the name as in a zone file, e.g. www.example.com.',
  });
}
