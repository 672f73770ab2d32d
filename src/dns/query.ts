import { HEADER_BYTES } from './message.ts';
import { foldKey } from './name.ts';
import { OPCODE, RCODE } from './rcode.ts';
import { RR_TYPES } from './rr-type.ts';

/** A query that can be answered. All offsets are into its packet. */
export interface Query {
  /** The question's name, folded. */
  readonly key: string;
  readonly type: number;
  readonly class: number;
  /** Where the question ends: name, type and class. */
  readonly questionEnd: number;
  /** Where its additional section may hold a TSIG record. */
  readonly hasTsig: boolean;
  readonly edns: { readonly version: number; readonly udpBytes: number } | undefined;
  /** Serial of the SOA in the authority section, for IXFR (RFC 1995 §3). */
  readonly ixfrSerial: number | undefined;
}

/** What to do with a packet that is no such query: say why not, with the header alone; or nothing. */
export type NoQuery = 'drop' | { readonly rcode: number };

/**
 * Reads a query, never throwing and never looking at a byte twice.
 *
 * - Shorter than a header, or an answer (QR=1): dropped. Answering an answer is how two servers talk forever.
 * - Another opcode than QUERY: NOTIMP (RFC 8906 §3.1.4).
 * - Not exactly one question (RFC 9619), a compressed or oversized name in it, records that break their format,
 *   two OPT records or one that is misplaced (RFC 6891 §6.1.1), bytes after the end: FORMERR.
 */
export function readQuery(packet: Uint8Array): Query | NoQuery {
  if (packet.length < HEADER_BYTES || ((packet[2] as number) & 0x80) !== 0) return 'drop';
  if ((((packet[2] as number) >> 3) & 0xf) !== OPCODE.QUERY) return { rcode: RCODE.NOTIMP };
  const nameEnd = u16(packet, 4) === 1 ? questionNameEnd(packet) : undefined;
  if (nameEnd === undefined || nameEnd + 4 > packet.length) return { rcode: RCODE.FORMERR };
  const rest = readRest(packet, nameEnd + 4);
  if (rest === undefined) return { rcode: RCODE.FORMERR };
  return {
    key: foldKey(packet, HEADER_BYTES, nameEnd),
    type: u16(packet, nameEnd),
    class: u16(packet, nameEnd + 2),
    questionEnd: nameEnd + 4,
    ...rest,
  };
}

/** The question's name cannot be compressed: nothing comes before it that it could point to. */
function questionNameEnd(packet: Uint8Array): number | undefined {
  for (let at = HEADER_BYTES; at < packet.length; ) {
    const size = packet[at] as number;
    if (size === 0) return at + 1 - HEADER_BYTES <= 255 ? at + 1 : undefined;
    if (size > 63) return undefined;
    at += 1 + size;
  }
  return undefined;
}

interface Rest {
  hasTsig: boolean;
  edns: { version: number; udpBytes: number } | undefined;
  ixfrSerial: number | undefined;
}

/** The records after the question; undefined where they break the format. */
function readRest(packet: Uint8Array, start: number): Rest | undefined {
  const rest: Rest = { hasTsig: false, edns: undefined, ixfrSerial: undefined };
  const beforeAuthority = u16(packet, 6);
  const beforeAdditional = beforeAuthority + u16(packet, 8);
  const count = beforeAdditional + u16(packet, 10);
  let at = start;
  for (let index = 0; index < count; index++) {
    const record = readRecord(packet, at);
    if (record === undefined || rest.hasTsig) return undefined;
    const isAdditional = index >= beforeAdditional;
    if (record.type === RR_TYPES.OPT) {
      const isMisplaced = !isAdditional || rest.edns !== undefined || packet[at] !== 0;
      if (isMisplaced || !optionsFit(packet, record.start, record.end)) return undefined;
      rest.edns = { version: packet[record.start - 5] as number, udpBytes: u16(packet, record.start - 8) };
    } else if (record.type === RR_TYPES.TSIG) {
      if (!isAdditional) return undefined;
      rest.hasTsig = true;
    } else if (
      record.type === RR_TYPES.SOA &&
      index >= beforeAuthority &&
      !isAdditional &&
      record.end - record.start >= 22
    ) {
      rest.ixfrSerial = u16(packet, record.end - 20) * 0x10000 + u16(packet, record.end - 18);
    }
    at = record.end;
  }
  return at === packet.length ? rest : undefined;
}

function readRecord(
  packet: Uint8Array,
  offset: number,
): { type: number; start: number; end: number } | undefined {
  let at = offset;
  for (;;) {
    const size = packet[at];
    if (size === undefined || (size > 63 && size < 0xc0)) return undefined;
    if (size === 0) {
      at++;
      break;
    }
    if (size >= 0xc0) {
      at += 2;
      break;
    }
    at += 1 + size;
    if (at - offset > 254) return undefined;
  }
  if (at + 10 > packet.length) return undefined;
  const end = at + 10 + u16(packet, at + 8);
  return end > packet.length ? undefined : { type: u16(packet, at), start: at + 10, end };
}

/** Whether the options fill the OPT record exactly (RFC 6891 §6.1.2); what they say is not looked at. */
function optionsFit(packet: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at + 4 <= end) at += 4 + u16(packet, at + 2);
  return at === end;
}

function u16(packet: Uint8Array, at: number): number {
  return ((packet[at] as number) << 8) | (packet[at + 1] as number);
}
