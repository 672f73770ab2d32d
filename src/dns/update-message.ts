import { type MessageRecord, tooLarge } from './message.ts';
import { MessageWriter } from './message-writer.ts';
import { type Name, parseName } from './name.ts';
import { OPCODE } from './rcode.ts';
import { dnsRecord, rdataFromText, storableType } from './record.ts';
import { CLASS, RR_TYPES } from './rr-type.ts';

/** What must be true before anything is changed (RFC 2136 §2.4). Names are absolute. */
export type Prerequisite =
  | { readonly kind: 'name-in-use'; readonly name: string }
  | { readonly kind: 'name-not-in-use'; readonly name: string }
  | { readonly kind: 'rrset-exists'; readonly name: string; readonly type: string }
  | { readonly kind: 'rrset-absent'; readonly name: string; readonly type: string }
  /** The RRset holds exactly these data, whatever the TTL. */
  | {
      readonly kind: 'rrset-equals';
      readonly name: string;
      readonly type: string;
      readonly data: readonly string[];
    };

/** What is to be changed, in this order, all or nothing (RFC 2136 §2.5). */
export type Change =
  | {
      readonly kind: 'add';
      readonly name: string;
      readonly ttl: number;
      readonly type: string;
      readonly data: string;
    }
  | { readonly kind: 'delete-record'; readonly name: string; readonly type: string; readonly data: string }
  | { readonly kind: 'delete-rrset'; readonly name: string; readonly type: string }
  | { readonly kind: 'delete-name'; readonly name: string };

export interface Update {
  readonly zone: string;
  readonly prerequisites: readonly Prerequisite[];
  readonly changes: readonly Change[];
}

/**
 * The message of an update (RFC 2136 §2), unsigned.
 * @param id 16 bits
 * @throws DnsError `dns/bad-name`, `dns/bad-rdata`, `dns/too-large`
 */
export function buildUpdate(update: Update, id: number): Buffer {
  const writer = new MessageWriter({ id, flags: OPCODE.UPDATE << 11 });
  writer.addQuestion(parseName(update.zone), RR_TYPES.SOA, CLASS.IN);
  const fits =
    writer.addRecords('answer', update.prerequisites.flatMap(prerequisiteRecords)) &&
    writer.addRecords('authority', update.changes.map(changeRecord));
  if (!fits) throw tooLarge(0x10000);
  return writer.finish();
}

function prerequisiteRecords(prerequisite: Prerequisite): MessageRecord[] {
  const name = parseName(prerequisite.name);
  switch (prerequisite.kind) {
    case 'name-in-use':
      return [empty(name, RR_TYPES.ANY, CLASS.ANY)];
    case 'name-not-in-use':
      return [empty(name, RR_TYPES.ANY, CLASS.NONE)];
    case 'rrset-exists':
      return [empty(name, storableType(prerequisite.type), CLASS.ANY)];
    case 'rrset-absent':
      return [empty(name, storableType(prerequisite.type), CLASS.NONE)];
    case 'rrset-equals':
      return prerequisite.data.map((data) => ({
        ...dnsRecord(name, 0, prerequisite.type, data),
        class: CLASS.IN,
      }));
  }
}

function changeRecord(change: Change): MessageRecord {
  const name = parseName(change.name);
  switch (change.kind) {
    case 'add':
      return { ...dnsRecord(name, change.ttl, change.type, change.data), class: CLASS.IN };
    case 'delete-record':
      return {
        ...empty(name, storableType(change.type), CLASS.NONE),
        rdata: rdataFromText(change.type, change.data),
      };
    case 'delete-rrset':
      return empty(name, storableType(change.type), CLASS.ANY);
    case 'delete-name':
      return empty(name, RR_TYPES.ANY, CLASS.ANY);
  }
}

function empty(name: Name, type: number, recordClass: number): MessageRecord {
  return { name, type, class: recordClass, ttl: 0, rdata: new Uint8Array() };
}
