import { HEADER_BYTES, type MessageRecord, tooLarge } from './message.ts';
import type { Name } from './name.ts';
import { compressibleNames } from './rdata.ts';
import { CLASS, RR_TYPES } from './rr-type.ts';

/** RFC 1035 §4.2.2 */
const LARGEST_MESSAGE = 0xffff;
/** Compression pointers have 14 bits (RFC 1035 §4.1.4). */
const LAST_POINTER_TARGET = 0x3fff;

export type Section = 'answer' | 'authority' | 'additional';
const COUNT_AT = { answer: 6, authority: 8, additional: 10 } as const;

/** Writes one message front to back: question first, then the sections in their order. Names are compressed. */
export class MessageWriter {
  #bytes: Buffer;
  #length = HEADER_BYTES;
  readonly #limit: number;
  readonly #names = new Map<string, number>();

  /** @param limit bytes that the message may have; {@link addRecords} says no beyond */
  constructor(o: { id: number; flags: number; limit?: number }) {
    this.#limit = Math.min(o.limit ?? LARGEST_MESSAGE, LARGEST_MESSAGE);
    this.#bytes = Buffer.alloc(512);
    this.#bytes.writeUInt16BE(o.id, 0);
    this.#bytes.writeUInt16BE(o.flags, 2);
  }

  get length(): number {
    return this.#length;
  }

  /** @throws DnsError `dns/too-large` */
  addQuestion(name: Name, type: number, questionClass: number = CLASS.IN): this {
    this.#writeName(name.wire, name.key);
    this.#u16(type);
    this.#u16(questionClass);
    this.#count(4, 1);
    if (this.#length > this.#limit) throw tooLarge(this.#length);
    return this;
  }

  /** Adds all of the records or, where they do not fit, none. */
  addRecords(
    section: Section,
    records: readonly Omit<MessageRecord, 'class'>[],
    recordClass?: number,
  ): boolean;
  addRecords(section: Section, records: readonly MessageRecord[]): boolean;
  addRecords(
    section: Section,
    records: readonly (Omit<MessageRecord, 'class'> & { class?: number })[],
    recordClass: number = CLASS.IN,
  ): boolean {
    const start = this.#length;
    for (const record of records) {
      this.#writeRecord(record, record.class ?? recordClass);
      if (this.#length <= this.#limit) continue;
      this.#length = start;
      for (const [key, at] of this.#names) if (at >= start) this.#names.delete(key);
      return false;
    }
    this.#count(COUNT_AT[section], records.length);
    return true;
  }

  /** Adds an OPT record without options (RFC 6891 §6.1.2); space for it must have been left. */
  addEdns(o: { udpBytes: number; rcode?: number; version?: number; dnssecOk?: boolean }): this {
    this.#reserve(11);
    this.#bytes[this.#length++] = 0;
    this.#u16(RR_TYPES.OPT);
    this.#u16(o.udpBytes);
    this.#bytes[this.#length++] = (o.rcode ?? 0) >> 4;
    this.#bytes[this.#length++] = o.version ?? 0;
    this.#u16(o.dnssecOk === true ? 0x8000 : 0);
    this.#u16(0);
    this.#count(COUNT_AT.additional, 1);
    return this;
  }

  /** The finished message, a copy. */
  finish(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  #writeRecord(record: Omit<MessageRecord, 'class'>, recordClass: number): void {
    this.#writeName(record.name.wire, record.name.key);
    this.#reserve(10);
    this.#u16(record.type);
    this.#u16(recordClass);
    this.#length = this.#bytes.writeUInt32BE(record.ttl, this.#length);
    const lengthAt = this.#length;
    this.#u16(0);
    this.#writeRdata(record.type, record.rdata);
    this.#bytes.writeUInt16BE(this.#length - lengthAt - 2, lengthAt);
  }

  #writeRdata(type: number, rdata: Uint8Array): void {
    let at = 0;
    for (const nameAt of rdata.length === 0 ? [] : compressibleNames(type, rdata)) {
      this.#raw(rdata, at, nameAt);
      at = this.#writeName(rdata, undefined, nameAt);
    }
    this.#raw(rdata, at, rdata.length);
  }

  /** Writes the name at `wire[start]`, as far as it is not in the message already. @returns the offset after it */
  #writeName(wire: Uint8Array, key: string | undefined, start = 0): number {
    let end = start;
    while (wire[end] !== 0) end += 1 + (wire[end] as number);
    end++;
    const folded =
      key ??
      Buffer.from(wire.subarray(start, end))
        .toString('latin1')
        .replace(/[A-Z]+/g, lower);
    for (let at = start; at < end - 1; at += 1 + (wire[at] as number)) {
      const rest = folded.slice(at - start);
      const target = this.#names.get(rest);
      if (target !== undefined) {
        this.#u16(0xc000 | target);
        return end;
      }
      if (this.#length <= LAST_POINTER_TARGET) this.#names.set(rest, this.#length);
      this.#raw(wire, at, at + 1 + (wire[at] as number));
    }
    this.#reserve(1);
    this.#bytes[this.#length++] = 0;
    return end;
  }

  #raw(bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    this.#bytes.set(bytes.subarray(start, end), this.#length);
    this.#length += end - start;
  }

  #u16(value: number): void {
    this.#reserve(2);
    this.#length = this.#bytes.writeUInt16BE(value, this.#length);
  }

  #count(at: number, more: number): void {
    this.#bytes.writeUInt16BE(this.#bytes.readUInt16BE(at) + more, at);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#length + bytes));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

function lower(letters: string): string {
  return letters.toLowerCase();
}
