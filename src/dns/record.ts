import { DnsError } from './error.ts';
import { type Name, ROOT, toName } from './name.ts';
import { formatRdata, parseRdata } from './rdata.ts';
import { badRdata, type Word } from './rdata-field.ts';
import { isMetaType, typeCode, typeName } from './rr-type.ts';
import { LONGEST_TTL } from './ttl.ts';

/** One resource record of class IN. */
export interface DnsRecord {
  readonly name: Name;
  readonly type: number;
  /** Seconds, at most 2^31-1 (RFC 2181 §8). */
  readonly ttl: number;
  /** Wire form, names uncompressed. */
  readonly rdata: Uint8Array;
  /** Where a record of an RRset has one, our server gives one record at a time, by weight. Not part of the zone. */
  readonly weight?: number;
}

/**
 * Makes a record from the words of a zone file: `dnsRecord('www.example.com', 60, 'A', '192.0.2.1')`.
 * Relative names in the data are taken below the root.
 * @throws DnsError `dns/bad-name`, `dns/bad-rdata`
 */
export function dnsRecord(owner: Name | string, ttl: number, type: string, data: string): DnsRecord {
  if (!Number.isInteger(ttl) || ttl < 0 || ttl > LONGEST_TTL) {
    throw new DnsError({
      code: 'dns/bad-rdata',
      message: 'the TTL of the record cannot be used',
      expected: 'a whole number of seconds from 0 to 2147483647',
      got: String(ttl),
      hint: 'Give the TTL in seconds.',
    });
  }
  const code = storableType(type);
  return { name: toName(owner), type: code, ttl, rdata: parseRdata(code, splitWords(data), ROOT) };
}

/**
 * The data of a record alone, as in prerequisites and deletions of RFC 2136.
 * @throws DnsError `dns/bad-name`, `dns/bad-rdata`
 */
export function rdataFromText(type: string, data: string): Uint8Array {
  return parseRdata(storableType(type), splitWords(data), ROOT);
}

/**
 * The code of a type that a zone can hold.
 * @throws DnsError `dns/bad-rdata`
 */
export function storableType(type: string): number {
  const code = typeCode(type);
  if (code !== undefined && !isMetaType(code)) return code;
  throw new DnsError({
    code: 'dns/bad-rdata',
    message: `'${type}' is no type of record that a zone can hold`,
    expected: 'a type such as A, AAAA, CNAME, or TYPE and a number',
    got: type,
    hint: 'Use the type as it is written in a zone file.',
  });
}

/** `www.example.com. 60 IN A 192.0.2.1` */
export function formatRecord(record: DnsRecord): string {
  return `${record.name} ${record.ttl} IN ${typeName(record.type)} ${formatRdata(record.type, record.rdata)}`;
}

const WORD = /"((?:[^"\\]|\\[\s\S])*)"|((?:[^\s"\\]|\\[\s\S])+)/g;

/** Splits at white space outside of quotes; escapes are kept for the field's parser. */
function splitWords(text: string): Word[] {
  if (text.replace(WORD, '').trim() !== '') throw badRdata('an end to each quotation and escape', text);
  return [...text.matchAll(WORD)].map(([, quoted, plain]) => ({
    text: quoted ?? (plain as string),
    quoted: quoted !== undefined,
  }));
}
