/**
 * The kinds of fields that the data of a record consists of, each with its text form (RFC 1035 §5.1) and its wire
 * form. A record type is a list of these: see `rdata.ts`.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { DnsError, malformed } from './error.ts';
import { formatIpv6, ipv6Bytes } from './ip-address.ts';
import { type Name, parseName, readName } from './name.ts';
import { parseTtl } from './ttl.ts';

/** A word of a zone file. */
export interface Word {
  /** As written, escapes kept, quotes dropped. */
  readonly text: string;
  readonly quoted: boolean;
}

/** One kind of field. */
export interface Field {
  /** Takes the words it needs off the front and returns its wire form. @throws DnsError */
  parse(words: Word[], origin: Name): Uint8Array;
  /** Wire → text, and the offset after the field. `rdata` is valid and uncompressed. */
  format(rdata: Uint8Array, at: number): { text: string; next: number };
  /** Reads and checks the field in a packet, names uncompressed. @throws DnsError `dns/malformed` */
  read(packet: Uint8Array, at: number, end: number): { bytes: Uint8Array; next: number };
}

function integer(bytes: 1 | 2 | 4, parseText: (text: string) => number | undefined): Field {
  const most = 2 ** (8 * bytes) - 1;
  return {
    parse(words) {
      const { text } = take(words, `a number up to ${most}`);
      const value = parseText(text);
      if (value === undefined || value > most) throw badRdata(`a number up to ${most}`, text);
      const wire = Buffer.alloc(bytes);
      wire.writeUIntBE(value, 0, bytes);
      return wire;
    },
    format: (rdata, at) => ({ text: String(view(rdata).readUIntBE(at, bytes)), next: at + bytes }),
    read: (packet, at, end) => slice(packet, at, at + bytes, end),
  };
}

const plainNumber = (text: string): number | undefined =>
  /^\d{1,10}$/.test(text) ? Number(text) : undefined;

export const u8 = integer(1, plainNumber);
export const u16 = integer(2, plainNumber);
export const u32 = integer(4, plainNumber);
/** A time in seconds, also written `1D` or `2h30m`. */
export const seconds = integer(4, parseTtl);

export const name: Field = {
  parse: (words, origin) => {
    const { text } = take(words, 'a domain name');
    return text === '@' ? origin.wire : parseName(text, origin).wire;
  },
  format(rdata, at) {
    const read = readName(rdata, at);
    return { text: read.name.toString(), next: read.next };
  },
  read(packet, at, end) {
    const read = readName(packet, at);
    if (read.next > end) throw malformed('has a name that runs out of its record');
    return { bytes: read.name.wire, next: read.next };
  },
};

export const ipv4: Field = {
  parse(words) {
    const { text } = take(words, 'an IPv4 address');
    if (!isIPv4(text)) throw badRdata('an IPv4 address such as 192.0.2.1', text);
    return Uint8Array.from(text.split('.').map(Number));
  },
  format: (rdata, at) => ({ text: rdata.subarray(at, at + 4).join('.'), next: at + 4 }),
  read: (packet, at, end) => slice(packet, at, at + 4, end),
};

export const ipv6: Field = {
  parse(words) {
    const { text } = take(words, 'an IPv6 address');
    if (!isIPv6(text) || text.includes('%')) throw badRdata('an IPv6 address such as 2001:db8::1', text);
    return ipv6Bytes(text);
  },
  format: (rdata, at) => ({ text: formatIpv6(rdata.subarray(at, at + 16)), next: at + 16 }),
  read: (packet, at, end) => slice(packet, at, at + 16, end),
};

/** A string of up to 255 bytes, with its length before it. */
export const string: Field = {
  parse: (words) => lengthAndText(take(words, 'a text of up to 255 bytes')),
  format(rdata, at) {
    const next = at + 1 + (rdata[at] as number);
    return { text: quote(rdata.subarray(at + 1, next)), next };
  },
  read: (packet, at, end) => slice(packet, at, at + 1 + (packet[at] ?? 0), end),
};

/** One or more strings, up to the end of the data. */
export const strings: Field = {
  parse(words) {
    const parts = [string.parse(words, undefined as never)];
    while (words.length > 0) parts.push(string.parse(words, undefined as never));
    return Buffer.concat(parts);
  },
  format(rdata, at) {
    const parts: string[] = [];
    while (at < rdata.length) {
      const { text, next } = string.format(rdata, at);
      parts.push(text);
      at = next;
    }
    return { text: parts.join(' '), next: at };
  },
  read(packet, at, end) {
    let next = at;
    do next = string.read(packet, next, end).next;
    while (next < end);
    return slice(packet, at, end, end);
  },
};

/** A word of letters and digits with its length before it: the tag of CAA (RFC 8659 §4.1). */
export const tag: Field = {
  ...string,
  parse(words) {
    const word = take(words, 'a tag such as issue');
    if (!/^[a-z0-9]{1,255}$/i.test(word.text)) throw badRdata('a tag of letters and digits', word.text);
    return lengthAndText(word);
  },
  format(rdata, at) {
    const next = at + 1 + (rdata[at] as number);
    return { text: Buffer.from(rdata.subarray(at + 1, next)).toString('latin1'), next };
  },
};

/** Text up to the end of the data, without a length. */
export const textToEnd: Field = {
  parse: (words) => unescapeText(take(words, 'a text in quotes').text),
  format: (rdata, at) => ({ text: quote(rdata.subarray(at)), next: rdata.length }),
  read: (packet, at, end) => slice(packet, at, end, end),
};

function encodedToEnd(encoding: 'hex' | 'base64', pattern: RegExp): Field {
  return {
    parse(words) {
      const text = words
        .splice(0)
        .map((word) => word.text)
        .join('');
      if (!pattern.test(text) || (encoding === 'hex' && text.length % 2 === 1))
        throw badRdata(encoding, text);
      return Buffer.from(text, encoding);
    },
    format(rdata, at) {
      const text = Buffer.from(rdata.subarray(at)).toString(encoding);
      return { text: encoding === 'hex' ? text.toUpperCase() : text, next: rdata.length };
    },
    read: (packet, at, end) => slice(packet, at, end, end),
  };
}

/** Hexadecimal digits up to the end of the data; spaces between them do not count. */
export const hexToEnd = encodedToEnd('hex', /^[0-9a-f]+$/i);
/** Base64 up to the end of the data; spaces within do not count. */
export const base64ToEnd = encodedToEnd('base64', /^[a-z0-9+/]+={0,2}$/i);

/** Data that cannot be what its type asks for. */
export function badRdata(expected: string, got: string): DnsError {
  return new DnsError({
    code: 'dns/bad-rdata',
    message: 'the data of the record cannot be read',
    expected,
    got: got === '' ? 'nothing' : got,
    hint: 'Write the data as in a zone file, or as \\# with its length and hexadecimal digits (RFC 3597).',
  });
}

function take(words: Word[], expected: string): Word {
  const word = words.shift();
  if (word === undefined) throw badRdata(expected, '');
  return word;
}

function lengthAndText(word: Word): Uint8Array {
  const bytes = unescapeText(word.text);
  if (bytes.length > 255) throw badRdata('texts of up to 255 bytes each', `one of ${bytes.length} bytes`);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

function unescapeText(text: string): Buffer {
  const bytes: Buffer[] = [];
  for (const match of text.matchAll(/\\(\d{3})|\\([\s\S])|[^\\]+|\\$/g)) {
    const [whole, decimal, escaped] = match;
    if (decimal !== undefined && Number(decimal) > 255) throw badRdata('escapes from \\000 to \\255', whole);
    if (whole === '\\') throw badRdata('a character after the backslash', text);
    bytes.push(decimal === undefined ? Buffer.from(escaped ?? whole) : Buffer.of(Number(decimal)));
  }
  return Buffer.concat(bytes);
}

function quote(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e) text += `\\${String(byte).padStart(3, '0')}`;
    else if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else text += String.fromCharCode(byte);
  }
  return `"${text}"`;
}

function slice(
  packet: Uint8Array,
  at: number,
  next: number,
  end: number,
): { bytes: Uint8Array; next: number } {
  if (next > end) throw malformed('has a record whose data is too short');
  return { bytes: packet.subarray(at, next), next };
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
