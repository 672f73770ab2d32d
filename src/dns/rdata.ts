import { DnsError } from './error.ts';
import { type Name, skipName } from './name.ts';
import {
  badRdata,
  base64ToEnd,
  type Field,
  hexToEnd,
  ipv4,
  ipv6,
  name,
  seconds,
  string,
  strings,
  tag,
  textToEnd,
  u8,
  u16,
  u32,
  type Word,
} from './rdata-field.ts';
import { RR_TYPES, typeName } from './rr-type.ts';

/** The fields of each type whose data has a text form here; all others have that of RFC 3597 only. */
const LAYOUTS: ReadonlyMap<number, readonly Field[]> = new Map<number, readonly Field[]>([
  [RR_TYPES.A, [ipv4]],
  [RR_TYPES.NS, [name]],
  [RR_TYPES.CNAME, [name]],
  [RR_TYPES.SOA, [name, name, u32, seconds, seconds, seconds, seconds]],
  [RR_TYPES.PTR, [name]],
  [RR_TYPES.HINFO, [string, string]],
  [RR_TYPES.MX, [u16, name]],
  [RR_TYPES.TXT, [strings]],
  [RR_TYPES.RP, [name, name]],
  [RR_TYPES.AFSDB, [u16, name]],
  [RR_TYPES.AAAA, [ipv6]],
  [RR_TYPES.SRV, [u16, u16, u16, name]],
  [RR_TYPES.NAPTR, [u16, u16, string, string, string, name]],
  [RR_TYPES.DNAME, [name]],
  [RR_TYPES.DS, [u16, u8, u8, hexToEnd]],
  [RR_TYPES.SSHFP, [u8, u8, hexToEnd]],
  [RR_TYPES.DNSKEY, [u16, u8, u8, base64ToEnd]],
  [RR_TYPES.TLSA, [u8, u8, u8, hexToEnd]],
  [RR_TYPES.SMIMEA, [u8, u8, u8, hexToEnd]],
  [RR_TYPES.CDS, [u16, u8, u8, hexToEnd]],
  [RR_TYPES.CDNSKEY, [u16, u8, u8, base64ToEnd]],
  [RR_TYPES.SPF, [strings]],
  [RR_TYPES.URI, [u16, u16, textToEnd]],
  [RR_TYPES.CAA, [u8, tag, textToEnd]],
]);

/** Types whose names may be compressed on the wire: those of RFC 1035 only (RFC 3597 §4). */
const COMPRESSIBLE: ReadonlySet<number> = new Set([
  RR_TYPES.NS,
  RR_TYPES.CNAME,
  RR_TYPES.SOA,
  RR_TYPES.PTR,
  RR_TYPES.MX,
]);

/**
 * The words of a record's data → wire form.
 * @throws DnsError `dns/bad-rdata`, `dns/bad-name`
 */
export function parseRdata(type: number, words: readonly Word[], origin: Name): Uint8Array {
  if (words[0]?.text === '\\#' && !words[0].quoted) return parseGeneric(type, words.slice(1));
  const layout = LAYOUTS.get(type);
  if (layout === undefined) {
    throw badRdata(
      `the form \\# <length> <hex> for type ${typeName(type)}`,
      words.map((word) => word.text).join(' '),
    );
  }
  const left = [...words];
  const parts = layout.map((field) => field.parse(left, origin));
  if (left.length > 0) {
    throw badRdata(
      `no more than the data of type ${typeName(type)}`,
      left.map((word) => word.text).join(' '),
    );
  }
  const rdata = Buffer.concat(parts);
  if (rdata.length > 0xffff) throw badRdata('at most 65,535 bytes', `${rdata.length} bytes`);
  return rdata;
}

/** RFC 3597 §5 */
function parseGeneric(type: number, words: readonly Word[]): Uint8Array {
  const hex = words
    .slice(1)
    .map((word) => word.text)
    .join('');
  const length = words[0]?.text ?? '';
  if (!/^\d{1,5}$/.test(length) || !/^([0-9a-f]{2})*$/i.test(hex) || hex.length / 2 !== Number(length)) {
    throw badRdata('\\#, the number of bytes, and twice as many hexadecimal digits', `${length} ${hex}`);
  }
  const bytes = Buffer.from(hex, 'hex');
  try {
    return readRdata(type, bytes, 0, bytes.length);
  } catch (cause) {
    if (!(cause instanceof DnsError)) throw cause;
    throw badRdata(`the data of a ${typeName(type)} record`, hex);
  }
}

/** Wire form (uncompressed, valid) → the text of a zone file, with absolute names. */
export function formatRdata(type: number, rdata: Uint8Array): string {
  const layout = LAYOUTS.get(type);
  if (layout === undefined) {
    return `\\# ${rdata.length}${rdata.length === 0 ? '' : ` ${Buffer.from(rdata).toString('hex').toUpperCase()}`}`;
  }
  const texts: string[] = [];
  let at = 0;
  for (const field of layout) {
    const { text, next } = field.format(rdata, at);
    texts.push(text);
    at = next;
  }
  return texts.join(' ');
}

/**
 * Reads the data of a record in a packet: checked against its type, its names uncompressed. A copy.
 * @throws DnsError `dns/malformed`
 */
export function readRdata(type: number, packet: Uint8Array, start: number, end: number): Uint8Array {
  const layout = LAYOUTS.get(type);
  if (layout === undefined) return Uint8Array.from(packet.subarray(start, end));
  const parts: Uint8Array[] = [];
  let at = start;
  for (const field of layout) {
    const { bytes, next } = field.read(packet, at, end);
    parts.push(bytes);
    at = next;
  }
  if (at !== end) {
    throw new DnsError({
      code: 'dns/malformed',
      message: `the DNS packet has a ${typeName(type)} record with ${end - at} bytes too many`,
      expected: 'data as its type describes it',
      got: `${end - start} bytes of data`,
      hint: 'The peer is broken: look at its packets with tcpdump.',
    });
  }
  return Buffer.concat(parts);
}

/** Where names that may be compressed start in valid data. */
export function compressibleNames(type: number, rdata: Uint8Array): readonly number[] {
  if (!COMPRESSIBLE.has(type)) return [];
  if (type === RR_TYPES.MX) return [2];
  return type === RR_TYPES.SOA ? [0, skipName(rdata, 0)] : [0];
}
