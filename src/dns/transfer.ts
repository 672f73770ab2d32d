/** Zone transfers to secondaries: AXFR (RFC 5936) and IXFR (RFC 1995), each message signed (RFC 8945 §5.3.1). */
import type { Instant } from '../base/clock.ts';
import { FLAG } from './message.ts';
import { MessageWriter } from './message-writer.ts';
import { Name } from './name.ts';
import type { DnsRecord } from './record.ts';
import type { TransferRequest } from './responder.ts';
import { CLASS, RR_TYPES } from './rr-type.ts';
import { isNewerSerial } from './serial.ts';
import { signMessage } from './tsig.ts';
import { recordsOf, type Zone, zoneRecords } from './zone.ts';
import type { ZoneHistory } from './zone-history.ts';

/** Well below 65,535, so that a message with its signature always fits and names compress (pointers have 14 bits). */
const MESSAGE_BYTES = 16_000;

/**
 * The messages of one transfer, made as they are sent. The zone does not change meanwhile, whatever is published.
 * @param nowMs the wall clock, asked for each message
 */
export function* transferMessages(
  request: TransferRequest,
  zone: Zone,
  history: ZoneHistory,
  nowMs: () => Instant,
): Generator<Uint8Array> {
  const records = transferRecords(request, zone, history);
  let next = records.next();
  let requestMac = request.requestMac;
  let timersOnly = false;
  while (next.done !== true) {
    const writer = openMessage(request, timersOnly);
    // One record of 64 KB is larger than a message should be, and yet must go.
    let isFirst = true;
    while (next.done !== true && (isFirst || writer.length < MESSAGE_BYTES)) {
      if (!writer.addRecords('answer', [next.value])) break;
      isFirst = false;
      next = records.next();
    }
    if (isFirst) throw new RangeError('a record does not fit any message');
    const signed = signMessage(writer.finish(), request.key, { nowMs: nowMs(), requestMac, timersOnly });
    requestMac = signed.mac;
    timersOnly = true;
    yield signed.wire;
  }
}

/** Only the first message repeats the question (RFC 5936 §2.2.1). */
function openMessage({ packet, query }: TransferRequest, isLater: boolean): MessageWriter {
  const flags = FLAG.QR | FLAG.AA | (packet.readUInt16BE(2) & FLAG.RD);
  const writer = new MessageWriter({ id: packet.readUInt16BE(0), flags, limit: 0xffff - 512 });
  if (isLater) return writer;
  return writer.addQuestion(new Name(packet.subarray(12, query.questionEnd - 4)), query.type, CLASS.IN);
}

function* transferRecords(request: TransferRequest, zone: Zone, history: ZoneHistory): Generator<DnsRecord> {
  const { type, ixfrSerial } = request.query;
  const soa = recordsOf(zone.soa);
  if (type === RR_TYPES.IXFR && ixfrSerial !== undefined) {
    // RFC 1995 §2: the SOA alone says "you have this, or something newer".
    if (!isNewerSerial(zone.serial, ixfrSerial)) return yield* soa;
    const deltas = history.since(zone.origin.key, ixfrSerial);
    if (deltas !== undefined && deltas.at(-1)?.to.serial === zone.serial) {
      yield* soa;
      for (const { from, to, deleted, added } of deltas) {
        yield* recordsOf(from.soa);
        yield* deleted;
        yield* recordsOf(to.soa);
        yield* added;
      }
      return yield* soa;
    }
  }
  yield* zoneRecords(zone);
  yield* soa;
}
