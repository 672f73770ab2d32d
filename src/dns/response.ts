/** Answers as bytes. What is the same for all who ask the same question is built once: a {@link Core}. */
import { type Answer, answerFrom, findZone } from './answer.ts';
import { FLAG, HEADER_BYTES } from './message.ts';
import { MessageWriter, type Section } from './message-writer.ts';
import { keyToName, type Name } from './name.ts';
import type { Query } from './query.ts';
import { RCODE } from './rcode.ts';
import { rotationOf } from './rotation.ts';
import { RR_TYPES } from './rr-type.ts';
import { type RrSet, recordsOf, type Zones } from './zone.ts';

/** What we take and give over UDP with EDNS: fits one packet nearly everywhere (DNS flag day 2020). */
export const EDNS_UDP_BYTES = 1232;
/** Over UDP without EDNS (RFC 1035 §4.2.1), and what smaller EDNS sizes count as (RFC 6891 §6.2.3). */
const PLAIN_UDP_BYTES = 512;
export const OPT_BYTES = 11;

/**
 * An answer without what differs from client to client: ID, RD, case of the question, OPT. Its names are compressed
 * against the question, which always lies at byte 12 and has the same length in every case.
 */
export interface Core {
  /** For clients whose limit it fits. */
  readonly whole: Buffer;
  /** Without addresses that only save a question; the same as `whole` where there are none. */
  readonly lean: Buffer;
  readonly rcode: number;
}

/** The cores of one question, which take turns where its addresses do. */
export interface Cores {
  readonly forms: readonly Core[];
  readonly order: readonly number[];
  /** Whether the question's own name exists, so that there can only be as many of these as there are names. */
  readonly isOwnName: boolean;
  /** Index into `order` of the form that is next; the one thing here that changes. */
  turn: number;
}

/** Which of the forms is next. */
export function nextForm(cores: Cores): number {
  if (cores.order.length === 1) return 0;
  const form = cores.order[cores.turn] as number;
  cores.turn = (cores.turn + 1) % cores.order.length;
  return form;
}

/** The bytes that a client takes in one answer. */
export function limitOf(query: Query, transport: 'udp' | 'tcp'): number {
  if (transport === 'tcp') return 0xffff;
  if (query.edns === undefined) return PLAIN_UDP_BYTES;
  return Math.min(Math.max(query.edns.udpBytes, PLAIN_UDP_BYTES), EDNS_UDP_BYTES);
}

/** Finds and builds the answers to one question; REFUSED where no zone of ours holds the name. */
export function buildCores(zones: Zones, key: string, type: number): Cores {
  const zone = findZone(zones, key, type);
  if (zone === undefined) return errorCores(RCODE.REFUSED);
  const qname = keyToName(key);
  const answer = answerFrom(zone, qname, type);
  const { isOwnName } = answer;
  const last = answer.answer.at(-1);
  if (last === undefined) return { forms: [buildCore(qname, type, answer)], order: [0], isOwnName, turn: 0 };
  const { sets, order } = rotationOf(last);
  const before = answer.answer.slice(0, -1);
  const forms = sets.map((set) => buildCore(qname, type, { ...answer, answer: [...before, set] }));
  return { forms, order, isOwnName, turn: 0 };
}

/** {@link errorCore} for all who ask. */
export function errorCores(rcode: number): Cores {
  return { forms: [errorCore(rcode)], order: [0], isOwnName: false, turn: 0 };
}

/** An answer that repeats the question and says no; it has no sections. */
export function errorCore(rcode: number): Core {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt16BE(FLAG.QR | (rcode & 0xf), 2);
  return { whole: bytes, lean: bytes, rcode };
}

function buildCore(qname: Name, type: number, answer: Answer): Core {
  const flags = FLAG.QR | (answer.authoritative ? FLAG.AA : 0) | answer.rcode;
  const lean = write(qname, type, flags, { ...answer, additional: [] });
  if (lean === undefined) return errorCore(RCODE.SERVFAIL);
  const whole = answer.additional.length === 0 ? lean : write(qname, type, flags, answer);
  // Without its glue a referral leads nowhere: then it is truncated, and asked for again over TCP.
  return {
    whole: whole ?? lean,
    lean: answer.needsGlue && whole !== undefined ? whole : lean,
    rcode: answer.rcode,
  };
}

/** @returns undefined where it is beyond what any message can hold */
function write(qname: Name, type: number, flags: number, answer: Answer): Buffer | undefined {
  const writer = new MessageWriter({ id: 0, flags, limit: 0xffff - OPT_BYTES }).addQuestion(qname, type);
  const add = (section: Section, sets: readonly RrSet[]): boolean =>
    sets.every((set) => writer.addRecords(section, recordsOf(set)));
  const fits =
    add('answer', answer.answer) &&
    add('authority', answer.authority) &&
    add('additional', answer.additional);
  return fits ? writer.finish() : undefined;
}

/**
 * The answer for one client: core, ID, RD, question in its own case, OPT where the query had one; truncated where it
 * does not fit (RFC 2181 §9: then empty, since half an RRset is none).
 * @param limit bytes that it may have, OPT included
 */
export function forClient(core: Core, packet: Uint8Array, query: Query, limit: number): Buffer {
  const optBytes = query.edns === undefined ? 0 : OPT_BYTES;
  const room = limit - optBytes;
  const fitting = core.whole.length <= room ? core.whole : core.lean.length <= room ? core.lean : undefined;
  const body = fitting ?? core.lean.subarray(0, HEADER_BYTES);
  const start = body.length === HEADER_BYTES ? query.questionEnd : body.length;
  const response = Buffer.allocUnsafe(start + optBytes);
  response.set(body);
  response.set(packet.subarray(HEADER_BYTES, query.questionEnd), HEADER_BYTES);
  response[0] = packet[0] as number;
  response[1] = packet[1] as number;
  response[2] = (response[2] as number) | ((packet[2] as number) & 1);
  if (body.length === HEADER_BYTES) {
    response[4] = 0;
    response[5] = 1;
    response.fill(0, 6, HEADER_BYTES);
  }
  if (fitting === undefined) response[2] |= FLAG.TC >> 8;
  if (optBytes > 0) appendOpt(response, start, core.rcode);
  return response;
}

/** OPT without options: those that we do not know are ignored (RFC 6891 §6.1.2). DO is not set: we do no DNSSEC. */
function appendOpt(response: Buffer, at: number, rcode: number): void {
  response.writeUInt16BE(response.readUInt16BE(10) + 1, 10);
  response[at] = 0;
  response.writeUInt16BE(RR_TYPES.OPT, at + 1);
  response.writeUInt16BE(EDNS_UDP_BYTES, at + 3);
  response[at + 5] = rcode >> 4;
  response.fill(0, at + 6, at + OPT_BYTES);
}

/** A header and nothing else, for packets whose question cannot be read or means nothing to us. */
export function headerOnly(packet: Uint8Array, rcode: number): Buffer {
  const response = Buffer.alloc(HEADER_BYTES);
  response[0] = packet[0] as number;
  response[1] = packet[1] as number;
  // The opcode and RD are repeated, all other flags are 0.
  response[2] = 0x80 | ((packet[2] as number) & 0x79);
  response[3] = rcode;
  return response;
}
