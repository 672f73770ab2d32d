import { DnsError, malformed } from './error.ts';
import { type Name, readName } from './name.ts';
import { readRdata } from './rdata.ts';
import { CLASS, RR_TYPES } from './rr-type.ts';

/** The flags of a header, as masks of its second 16 bits (RFC 1035 §4.1.1, RFC 4035 §3). */
export const FLAG = {
  QR: 0x8000,
  AA: 0x0400,
  TC: 0x0200,
  RD: 0x0100,
  RA: 0x0080,
  AD: 0x0020,
  CD: 0x0010,
} as const;

export const HEADER_BYTES = 12;

export interface Question {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
}

/** A record as it lies in a message; its class may be any. */
export interface MessageRecord {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  readonly rdata: Uint8Array;
}

/** A parsed message. */
export interface Message {
  readonly id: number;
  /** The header's second 16 bits: see {@link FLAG}. */
  readonly flags: number;
  readonly opcode: number;
  /** With the upper bits of EDNS, where there is an OPT record. */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly MessageRecord[];
  readonly authorities: readonly MessageRecord[];
  readonly additionals: readonly MessageRecord[];
  readonly edns: Edns | undefined;
}

/** The OPT record (RFC 6891 §6.1). */
export interface Edns {
  readonly version: number;
  /** What the sender can take over UDP, in bytes. */
  readonly udpBytes: number;
  readonly dnssecOk: boolean;
}

/**
 * Reads a whole message.
 * @throws DnsError `dns/malformed`, also for bytes after the last record
 */
export function parseMessage(packet: Uint8Array): Message {
  if (packet.length < HEADER_BYTES) throw malformed('is shorter than its header', `${packet.length} bytes`);
  const view = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength);
  const flags = view.readUInt16BE(2);
  const questions: Question[] = [];
  let at = HEADER_BYTES;
  for (let left = view.readUInt16BE(4); left > 0; left--) {
    const { name, next } = readName(packet, at);
    if (next + 4 > packet.length) throw malformed('ends inside its question');
    questions.push({ name, type: view.readUInt16BE(next), class: view.readUInt16BE(next + 2) });
    at = next + 4;
  }
  const readSection = (count: number): MessageRecord[] => {
    const records: MessageRecord[] = [];
    for (let left = count; left > 0; left--) {
      const { record, next } = readRecord(view, at);
      records.push(record);
      at = next;
    }
    return records;
  };
  const answers = readSection(view.readUInt16BE(6));
  const authorities = readSection(view.readUInt16BE(8));
  const additionals = readSection(view.readUInt16BE(10));
  if (at !== packet.length) throw malformed(`has ${packet.length - at} bytes after its end`);
  const opt = additionals.find((record) => record.type === RR_TYPES.OPT);
  return {
    id: view.readUInt16BE(0),
    flags,
    opcode: (flags >> 11) & 0xf,
    rcode: (flags & 0xf) | (opt === undefined ? 0 : (opt.ttl >>> 24) << 4),
    questions,
    answers,
    authorities,
    additionals,
    edns: opt && {
      version: (opt.ttl >>> 16) & 0xff,
      udpBytes: opt.class,
      dnssecOk: (opt.ttl & 0x8000) !== 0,
    },
  };
}

function readRecord(view: Buffer, offset: number): { record: MessageRecord; next: number } {
  const { name, next: at } = readName(view, offset);
  if (at + 10 > view.length) throw malformed('ends inside a record');
  const type = view.readUInt16BE(at);
  const start = at + 10;
  const end = start + view.readUInt16BE(at + 8);
  if (end > view.length) throw malformed('ends inside the data of a record');
  const recordClass = view.readUInt16BE(at + 2);
  // An update's prerequisites and deletions have no data whatever their type (RFC 2136 §2.4, §2.5).
  const isEmpty = start === end && (recordClass === CLASS.ANY || recordClass === CLASS.NONE);
  const rdata = isEmpty ? new Uint8Array() : readRdata(type, view, start, end);
  return { record: { name, type, class: recordClass, ttl: view.readUInt32BE(at + 4), rdata }, next: end };
}

/** A message that cannot be sent: DNS over TCP ends at 65,535 bytes (RFC 1035 §4.2.2). */
export function tooLarge(bytes: number): DnsError {
  return new DnsError({
    code: 'dns/too-large',
    message: 'the DNS message is too large to send',
    expected: 'at most 65535 bytes',
    got: `${bytes} bytes`,
    hint: 'Split the change or the RRset into smaller ones.',
  });
}
