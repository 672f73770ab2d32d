import type { Position } from '../../base/position.ts';
import type { ZoneFile, ZoneRecord } from './audit-file.ts';

interface Token {
  readonly text: string;
  readonly position: Position;
  /** True for the first token of a line that starts in the first column: an owner. */
  readonly leads: boolean;
}

const TYPES = new Set([
  'A',
  'AAAA',
  'NS',
  'CNAME',
  'SOA',
  'PTR',
  'MX',
  'TXT',
  'SRV',
  'CAA',
  'HINFO',
  'DS',
  'NAPTR',
  'TLSA',
  'SSHFP',
]);
/** Which words of the data are names, by type. */
const NAMES: Readonly<Record<string, readonly number[]>> = {
  NS: [0],
  CNAME: [0],
  PTR: [0],
  SOA: [0, 1],
  MX: [1],
  SRV: [3],
};

/**
 * Parses what it understands and passes over the rest: an audit must not stop at a line that named would accept.
 * Knows $ORIGIN, $TTL, `@`, blank owners, TTLs with units, parentheses, comments and quoted strings.
 *
 * @param origin the zone's name where the site says it; otherwise taken from an absolute $ORIGIN or
 *   SOA owner; `''` where neither is there, and then relative names stay relative
 */
export function parseZoneFile(file: string, text: string, origin?: string): ZoneFile {
  const lines = logicalLines(file, text);
  const zoneName = origin ?? originOf(lines) ?? '';
  const state: State = { origin: zoneName, owner: zoneName, ttl: undefined };
  const records: ZoneRecord[] = [];
  for (const line of lines) {
    const record = readLine(line, state);
    if (record !== undefined) records.push(record);
  }
  return { origin: zoneName, records };
}

interface State {
  origin: string;
  owner: string;
  ttl: { ms: number; at: Position } | undefined;
}

function readLine(line: readonly Token[], state: State): ZoneRecord | undefined {
  const [first, second] = line as [Token, Token | undefined];
  if (first.text === '$ORIGIN') {
    if (second !== undefined) state.origin = fullName(second.text, state.origin);
    return undefined;
  }
  if (first.text === '$TTL') {
    const ms = second === undefined ? undefined : zoneTtlMs(second.text);
    if (ms !== undefined) state.ttl = { ms, at: (second as Token).position };
    return undefined;
  }
  if (first.text.startsWith('$')) return undefined;
  if (first.leads) state.owner = fullName(first.text, state.origin);
  return readRecord(first.leads ? line.slice(1) : line, first, state);
}

function readRecord(tokens: readonly Token[], first: Token, state: State): ZoneRecord | undefined {
  let own: State['ttl'];
  for (const [index, token] of tokens.entries()) {
    const type = token.text.toUpperCase();
    if (TYPES.has(type) || /^TYPE\d+$/.test(type)) {
      const data = tokens.slice(index + 1);
      const names = NAMES[type] ?? [];
      const ttl = own ?? state.ttl ?? soaMinimum(type, data) ?? { ms: 0, at: token.position };
      if (state.ttl === undefined && type === 'SOA') state.ttl = ttl;
      return {
        name: state.owner,
        type,
        ttlMs: ttl.ms,
        ttlAt: ttl.at,
        data: data.map((word, at) => (names.includes(at) ? fullName(word.text, state.origin) : word.text)),
        position: first.leads ? first.position : token.position,
        dataAt: data.map((word) => word.position),
      };
    }
    const ms = zoneTtlMs(token.text);
    if (ms !== undefined) own = { ms, at: token.position };
    else if (!['IN', 'CH', 'HS'].includes(type)) return undefined;
  }
  return undefined;
}

/** Without $TTL, BIND takes the SOA's minimum as the default (RFC 2308 §4 gave that field another use). */
function soaMinimum(type: string, data: readonly Token[]): State['ttl'] {
  const last = data[6];
  const ms = type === 'SOA' && last !== undefined ? zoneTtlMs(last.text) : undefined;
  return ms === undefined ? undefined : { ms, at: (last as Token).position };
}

/** `1D`, `3h30m`, `300` (seconds) → ms; undefined where it is no TTL. */
export function zoneTtlMs(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  if (!/^(\d+[smhdw])+$/i.test(text)) return undefined;
  const seconds: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };
  let total = 0;
  for (const [, amount, unit] of text.toLowerCase().matchAll(/(\d+)([smhdw])/g)) {
    total += Number(amount) * (seconds[unit as string] as number);
  }
  return total * 1_000;
}

function fullName(text: string, origin: string): string {
  const name = text.toLowerCase();
  if (name === '@') return origin;
  if (name.endsWith('.')) return name.slice(0, -1);
  return origin === '' ? name : `${name}.${origin}`;
}

/** The zone's name is in named.conf; the file itself tells it only by an absolute $ORIGIN or SOA owner. */
function originOf(lines: readonly (readonly Token[])[]): string | undefined {
  for (const [first, second, ...rest] of lines) {
    if (first?.text === '$ORIGIN' && second?.text.endsWith('.'))
      return second.text.toLowerCase().slice(0, -1);
    const isSoa = [second, ...rest].some((token) => token?.text.toUpperCase() === 'SOA');
    if (isSoa)
      return first?.leads && first.text.endsWith('.') ? first.text.toLowerCase().slice(0, -1) : undefined;
  }
  return undefined;
}

/** Lines joined over parentheses, without comments; only the first token of a line can lead. */
function logicalLines(file: string, text: string): Token[][] {
  const lines: Token[][] = [];
  let current: Token[] = [];
  let depth = 0;
  text.split(/\r?\n/).forEach((line, index) => {
    const opens = depth;
    for (const match of line.matchAll(/"(?:[^"\\]|\\.)*"|;.*$|[()]|[^\s()";]+/g)) {
      const word = match[0];
      if (word.startsWith(';')) break;
      if (word === '(') depth++;
      else if (word === ')') depth = Math.max(0, depth - 1);
      else {
        const position = { file, line: index + 1, column: match.index + 1, length: word.length };
        current.push({ text: word, position, leads: opens === 0 && match.index === 0 });
      }
    }
    if (depth > 0) return;
    if (current.length > 0) lines.push(current);
    current = [];
  });
  if (current.length > 0) lines.push(current);
  return lines;
}
