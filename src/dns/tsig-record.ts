import { type Name, readName, skipName } from './name.ts';

/** The TSIG record's fields (RFC 8945 §4.2). */
export interface TsigRecord {
  readonly keyName: Name;
  readonly algorithm: Name;
  /** Seconds since 1970, 48 bits. */
  readonly timeSigned: number;
  /** Seconds by which the clocks may differ. */
  readonly fudge: number;
  readonly mac: Uint8Array;
  readonly originalId: number;
  readonly error: number;
  readonly other: Uint8Array;
}

export const TSIG_TYPE = 250;
const CLASS_ANY = 255;
const HEADER_BYTES = 12;

/**
 * Finds the TSIG record, which must be the last of the additional section (RFC 8945 §5.1).
 * Never throws.
 * @returns the record, and the message as it was before it was signed
 */
export function readTsig(
  wire: Uint8Array,
): { record: TsigRecord; stripped: Uint8Array } | 'none' | 'malformed' {
  if (wire.length < HEADER_BYTES) return 'malformed';
  try {
    const last = findLastRecord(wire);
    if (last === undefined) return 'none';
    if (last.strayTsig) return 'malformed';
    if (last.type !== TSIG_TYPE) return 'none';
    const record = parseTsig(wire, last.offset);
    if (record === undefined) return 'malformed';
    const stripped = Uint8Array.from(wire.subarray(0, last.offset)); // Buffer.slice would share the bytes
    const additional = ((wire[10] as number) << 8) | (wire[11] as number);
    stripped[10] = (additional - 1) >> 8;
    stripped[11] = (additional - 1) & 0xff;
    stripped[0] = record.originalId >> 8;
    stripped[1] = record.originalId & 0xff;
    return { record, stripped };
  } catch {
    return 'malformed';
  }
}

/** Appends the record and counts it. Names are not compressed (RFC 8945 §4.2). */
export function appendTsig(wire: Uint8Array, record: TsigRecord): Uint8Array {
  const { keyName, algorithm, mac, other } = record;
  const rdataBytes = algorithm.wire.length + 16 + mac.length + other.length;
  const signed = Buffer.alloc(wire.length + keyName.wire.length + 10 + rdataBytes);
  signed.set(wire);
  signed.writeUInt16BE(signed.readUInt16BE(10) + 1, 10);
  let at = wire.length;
  signed.set(keyName.wire, at);
  at = signed.writeUInt16BE(TSIG_TYPE, at + keyName.wire.length);
  at = signed.writeUInt16BE(CLASS_ANY, at);
  at = signed.writeUInt32BE(0, at);
  at = signed.writeUInt16BE(rdataBytes, at);
  signed.set(algorithm.wire, at);
  at = signed.writeUIntBE(record.timeSigned, at + algorithm.wire.length, 6);
  at = signed.writeUInt16BE(record.fudge, at);
  at = signed.writeUInt16BE(mac.length, at);
  signed.set(mac, at);
  at = signed.writeUInt16BE(record.originalId, at + mac.length);
  at = signed.writeUInt16BE(record.error, at);
  at = signed.writeUInt16BE(other.length, at);
  signed.set(other, at);
  return signed;
}

function findLastRecord(wire: Uint8Array): { offset: number; type: number; strayTsig: boolean } | undefined {
  const view = Buffer.from(wire.buffer, wire.byteOffset, wire.byteLength);
  let at = HEADER_BYTES;
  for (let left = view.readUInt16BE(4); left > 0; left--) at = skipName(wire, at) + 4;
  const additional = view.readUInt16BE(10);
  let left = view.readUInt16BE(6) + view.readUInt16BE(8) + additional;
  let last: { offset: number; type: number; strayTsig: boolean } | undefined;
  let strayTsig = false;
  for (; left > 0; left--) {
    const offset = at;
    at = skipName(wire, at);
    const type = view.readUInt16BE(at);
    at += 10 + view.readUInt16BE(at + 8);
    if (at > wire.length) throw new RangeError('the packet ends inside a record');
    if (type === TSIG_TYPE && (left > 1 || additional === 0)) strayTsig = true;
    last = { offset, type, strayTsig };
  }
  return last !== undefined && at !== wire.length && last.type === TSIG_TYPE
    ? { ...last, strayTsig: true }
    : last;
}

function parseTsig(wire: Uint8Array, offset: number): TsigRecord | undefined {
  const view = Buffer.from(wire.buffer, wire.byteOffset, wire.byteLength);
  const { name: keyName, next } = readName(wire, offset);
  if (view.readUInt16BE(next + 2) !== CLASS_ANY || view.readUInt32BE(next + 4) !== 0) return undefined;
  const end = next + 10 + view.readUInt16BE(next + 8);
  const { name: algorithm, next: at } = readName(wire, next + 10);
  const macEnd = at + 10 + view.readUInt16BE(at + 8);
  const otherEnd = macEnd + 6 + view.readUInt16BE(macEnd + 4);
  if (otherEnd !== end) return undefined;
  return {
    keyName,
    algorithm,
    timeSigned: view.readUIntBE(at, 6),
    fudge: view.readUInt16BE(at + 6),
    mac: Uint8Array.from(wire.subarray(at + 10, macEnd)),
    originalId: view.readUInt16BE(macEnd),
    error: view.readUInt16BE(macEnd + 2),
    other: Uint8Array.from(wire.subarray(macEnd + 6, otherEnd)),
  };
}
