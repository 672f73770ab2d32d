import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { DnsError } from './error.ts';
import { type DnsPeer, exchangeUdp, formatPeer, isReplyTo } from './exchange.ts';
import { FLAG } from './message.ts';
import { MessageWriter } from './message-writer.ts';
import { OPCODE, RCODE, rcodeName } from './rcode.ts';
import { RR_TYPES } from './rr-type.ts';
import { signMessage, type TsigKey, verifyMessage } from './tsig.ts';
import { recordsOf, type Zone } from './zone.ts';

/** A secondary that is told of changes. */
export interface NotifyTarget {
  readonly address: string;
  /** Default 53. */
  readonly port?: number;
  /** Signs the message, where the secondary asks for it. */
  readonly key?: TsigKey;
}

/** RFC 1996 §3.6 leaves both open; a secondary that is down asks by itself when it comes back. */
const TRIES = 5;
const FIRST_WAIT_MS = 1_000;

/**
 * Tells one secondary that a zone has changed (RFC 1996), until it says that it heard: waiting 1, 2, 4, 8, 16 s.
 * @returns whether it heard; failures are logged, since nothing else depends on them
 */
export async function notifySecondary(
  zone: Zone,
  target: NotifyTarget,
  o: { clock: Clock; log: Logger; signal: AbortSignal; random: () => number },
): Promise<boolean> {
  const peer = { address: target.address, port: target.port ?? 53 };
  const about = { zone: zone.origin.toString(), serial: zone.serial, secondary: formatPeer(peer) };
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const timeoutMs = FIRST_WAIT_MS * 2 ** attempt;
    const startMs = o.clock.monotonicMs();
    try {
      const rcode = await notifyOnce(zone, peer, target.key, { ...o, timeoutMs });
      if (rcode === RCODE.NOERROR) {
        o.log.debug('a secondary was notified', about);
        return true;
      }
      o.log.warn('a secondary refused a notification', { ...about, rcode: rcodeName(rcode) });
      return false;
    } catch (error) {
      if (o.signal.aborted) return false;
      if (!(error instanceof DnsError)) throw error;
      const restMs = timeoutMs - (o.clock.monotonicMs() - startMs);
      if (attempt + 1 < TRIES && restMs > 0) await o.clock.sleep(restMs, o.signal).catch(() => {});
      if (o.signal.aborted) return false;
    }
  }
  o.log.warn('a secondary did not answer a notification', about);
  return false;
}

async function notifyOnce(
  zone: Zone,
  peer: DnsPeer,
  key: TsigKey | undefined,
  o: { clock: Clock; signal: AbortSignal; random: () => number; timeoutMs: number },
): Promise<number> {
  const id = Math.floor(o.random() * 0x10000) & 0xffff;
  const writer = new MessageWriter({ id, flags: (OPCODE.NOTIFY << 11) | FLAG.AA });
  writer.addQuestion(zone.origin, RR_TYPES.SOA);
  // RFC 1996 §3.7: the new SOA as a hint; the secondary asks for it all the same.
  writer.addRecords('answer', recordsOf(zone.soa));
  const plain = writer.finish();
  const signed = key && signMessage(plain, key, { nowMs: o.clock.now() });
  const accepts = (reply: Buffer): boolean => {
    if (!isReplyTo(plain, reply)) return false;
    if (signed === undefined || key === undefined) return true;
    return verifyMessage(reply, [key], { nowMs: o.clock.now(), requestMac: signed.mac }).ok;
  };
  const reply = await exchangeUdp(peer, signed?.wire ?? plain, { ...o, accepts });
  return (reply[3] as number) & 0xf;
}
