import { isIPv4 } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { AnswerCache } from './answer-cache.ts';
import { ipv6Bytes } from './ip-address.ts';
import { HEADER_BYTES } from './message.ts';
import { RCODE } from './rcode.ts';

/** Response rate limiting: whoever forges the address of a victim gets little out of us. UDP only. */
export interface RateLimitOptions {
  /** Answers of one kind (data, NXDOMAIN, errors) that one prefix gets in a second; as many at once. */
  readonly responsesPerSecond: number;
  /** Of the answers beyond that, each `slip`-th is sent truncated, so that a real client asks over TCP. 0: none. */
  readonly slip?: number;
  /** Default 24. */
  readonly ipv4PrefixBits?: number;
  /** Default 56. */
  readonly ipv6PrefixBits?: number;
  /** Addresses that are never limited, e.g. `127.0.0.1`. */
  readonly exempt?: readonly string[];
}

export type RateVerdict = 'send' | 'slip' | 'drop';

interface Bucket {
  tokens: number;
  filledMs: number;
  beyond: number;
}

/** Prefixes that are remembered; a flood from more of them than this forgets the quietest first. */
const MOST_PREFIXES = 100_000;

/** Counts answers by prefix and kind: a bucket of tokens each, filled steadily. */
export class RateLimit {
  readonly #o: Required<Omit<RateLimitOptions, 'exempt'>>;
  readonly #exempt: ReadonlySet<string>;
  readonly #clock: Clock;
  readonly #buckets = new AnswerCache<Bucket>(MOST_PREFIXES);

  constructor(o: RateLimitOptions, clock: Clock) {
    this.#o = { slip: 2, ipv4PrefixBits: 24, ipv6PrefixBits: 56, ...o };
    this.#exempt = new Set(o.exempt);
    this.#clock = clock;
  }

  /** Whether an answer may be sent. @param address as the socket gives it */
  check(address: string, response: Uint8Array): RateVerdict {
    if (this.#exempt.has(address)) return 'send';
    const { responsesPerSecond, slip } = this.#o;
    const nowMs = this.#clock.monotonicMs();
    const key = kindOf(response) + prefixOf(address, this.#o);
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { tokens: responsesPerSecond, filledMs: nowMs, beyond: 0 };
      this.#buckets.set(key, bucket);
    }
    const earned = ((nowMs - bucket.filledMs) / 1000) * responsesPerSecond;
    bucket.tokens = Math.min(responsesPerSecond, bucket.tokens + earned);
    bucket.filledMs = nowMs;
    if (bucket.tokens >= 1) {
      bucket.tokens--;
      bucket.beyond = 0;
      return 'send';
    }
    bucket.beyond++;
    return slip > 0 && bucket.beyond % slip === 0 ? 'slip' : 'drop';
  }
}

function kindOf(response: Uint8Array): string {
  const rcode = (response[3] as number) & 0xf;
  return rcode === RCODE.NOERROR ? 'd' : rcode === RCODE.NXDOMAIN ? 'n' : 'e';
}

function prefixOf(address: string, o: { ipv4PrefixBits: number; ipv6PrefixBits: number }): string {
  if (isIPv4(address)) {
    if (o.ipv4PrefixBits === 24) return address.slice(0, address.lastIndexOf('.'));
    return cut(Uint8Array.from(address.split('.').map(Number)), o.ipv4PrefixBits);
  }
  const zone = address.indexOf('%');
  return cut(ipv6Bytes(zone === -1 ? address : address.slice(0, zone)), o.ipv6PrefixBits);
}

function cut(bytes: Uint8Array, bits: number): string {
  const whole = bits >> 3;
  const rest = bits & 7;
  const kept = Buffer.from(bytes.subarray(0, whole + (rest === 0 ? 0 : 1)));
  if (rest !== 0) kept[whole] = (kept[whole] as number) & (0xff << (8 - rest));
  return kept.toString('latin1');
}

/** The answer's question alone, truncated: "ask over TCP". Never larger than the query was, but for its OPT. */
export function slipped(response: Buffer): Buffer {
  let at = HEADER_BYTES;
  if (response.readUInt16BE(4) === 1) {
    while ((response[at] as number) !== 0) at += 1 + (response[at] as number);
    at += 5;
  }
  const short = Buffer.from(response.subarray(0, at));
  short[2] = (short[2] as number) | 0x02;
  short.fill(0, 6, HEADER_BYTES);
  return short;
}
