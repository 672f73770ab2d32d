/** The records of a zone file, each with its place in it. Pure. */
import { type Name, parseName } from '../../dns/name.ts';
import { parseTtl } from '../../dns/ttl.ts';
import { lexZone, type ZoneEntry, type ZoneToken } from './zone-lexer.ts';

export interface ZoneRecord {
  readonly entry: ZoneEntry;
  /** The owner's key (`Name.key`): lower case, absolute. */
  readonly owner: string;
  readonly ownerToken: ZoneToken | undefined;
  readonly ttlToken: ZoneToken | undefined;
  /** Seconds; undefined where no TTL stands before it and the SOA's minimum counts (RFC 2308 §4). */
  readonly ttlSeconds: number | undefined;
  readonly classToken: ZoneToken | undefined;
  readonly typeToken: ZoneToken;
  /** In upper case. */
  readonly type: string;
  readonly rdata: readonly ZoneToken[];
  /** What names without a final dot are relative to. */
  readonly origin: Name;
}

export interface ZoneText {
  readonly text: string;
  readonly zone: Name;
  readonly records: readonly ZoneRecord[];
  /** It has $INCLUDE or $GENERATE: records that are not in this text. */
  readonly hasMore: boolean;
}

interface Reader {
  origin: Name;
  owner: string;
  defaultTtl: number | undefined;
  lastTtl: number | undefined;
  hasMore: boolean;
}

/**
 * Reads a zone file's records.
 * @param text one byte a character
 * @param zone its name, which `@` stands for until an $ORIGIN
 * @throws DnsBindError `dns-bind/zone-syntax`
 */
export function readZone(text: string, zone: string): ZoneText {
  const origin = parseName(zone);
  const reader: Reader = {
    origin,
    owner: origin.key,
    defaultTtl: undefined,
    lastTtl: undefined,
    hasMore: false,
  };
  const records: ZoneRecord[] = [];
  for (const entry of lexZone(text)) {
    if (obeyDirective(reader, entry)) continue;
    const record = readRecord(reader, entry);
    if (record !== undefined) records.push(record);
  }
  return { text, zone: origin, records, hasMore: reader.hasMore };
}

/** The key of a name as a zone file writes it. One that no DNS name can be keeps its text: it matches nothing of ours. */
export function nameKey(text: string, origin: Name): string {
  if (text === '@') return origin.key;
  try {
    return parseName(text, origin).key;
  } catch {
    return `?${text}`;
  }
}

/** Everything a record says, as one text; equal for equal records, wherever and however they are written. */
export function recordIdentity(record: ZoneRecord): string {
  const rdata = record.rdata.map((token) => (token.quoted ? `"${token.text}"` : token.text));
  return [record.owner, record.ttlSeconds ?? '-', record.type, record.origin.key, ...rdata].join('\u0001');
}

function obeyDirective(reader: Reader, entry: ZoneEntry): boolean {
  const [first, value] = entry.tokens;
  if (first === undefined || first.quoted || !first.text.startsWith('$')) return false;
  const directive = first.text.toUpperCase();
  if (directive === '$ORIGIN' && value !== undefined) reader.origin = parseName(value.text, reader.origin);
  if (directive === '$TTL' && value !== undefined) reader.defaultTtl = parseTtl(value.text);
  if (directive === '$INCLUDE' || directive === '$GENERATE') reader.hasMore = true;
  return true;
}

function readRecord(reader: Reader, entry: ZoneEntry): ZoneRecord | undefined {
  const rest = [...entry.tokens];
  const ownerToken = entry.indented ? undefined : rest.shift();
  if (ownerToken !== undefined) reader.owner = nameKey(ownerToken.text, reader.origin);
  let ttlToken: ZoneToken | undefined;
  let classToken: ZoneToken | undefined;
  for (let next = rest[0]; next !== undefined; next = rest[0]) {
    if (ttlToken === undefined && parseTtl(next.text) !== undefined) ttlToken = next;
    else if (classToken === undefined && /^(IN|CH|HS)$/i.test(next.text)) classToken = next;
    else break;
    rest.shift();
  }
  const typeToken = rest.shift();
  if (typeToken === undefined) return undefined;
  const explicit = ttlToken === undefined ? undefined : parseTtl(ttlToken.text);
  if (explicit !== undefined) reader.lastTtl = explicit;
  return {
    entry,
    owner: reader.owner,
    ownerToken,
    ttlToken,
    ttlSeconds: explicit ?? reader.defaultTtl ?? reader.lastTtl,
    classToken,
    typeToken,
    type: typeToken.text.toUpperCase(),
    rdata: rest,
    origin: reader.origin,
  };
}
