import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { AnswerCache } from './answer-cache.ts';
import { HEADER_BYTES } from './message.ts';
import { parseName } from './name.ts';
import { type Query, readQuery } from './query.ts';
import { RCODE } from './rcode.ts';
import {
  buildCores,
  type Core,
  type Cores,
  errorCore,
  errorCores,
  forClient,
  headerOnly,
  limitOf,
  nextForm,
} from './response.ts';
import { CLASS, isMetaType, RR_TYPES } from './rr-type.ts';
import {
  refuseUnsigned,
  signMessage,
  TSIG_ERRORS,
  type TsigKey,
  type Verified,
  verifyMessage,
} from './tsig.ts';
import type { Zones } from './zone.ts';

export type Transport = 'udp' | 'tcp';

/** A zone transfer that a client may have: AXFR, or IXFR from its serial on. */
export interface TransferRequest {
  readonly packet: Buffer;
  readonly query: Query;
  readonly key: TsigKey;
  readonly requestMac: Uint8Array;
}

export interface ResponderOptions {
  readonly keys: readonly TsigKey[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** Counters of what was answered; they only grow. */
export interface ResponderCounts {
  queries: number;
  /** Answered from the bytes of an equal query before. */
  cacheHits: number;
  /** Not answered: too short, or answers themselves. */
  dropped: number;
  /** Defects of ours: answered SERVFAIL and logged. */
  failed: number;
  byRcode: Record<number, number>;
}

interface Cached {
  /** One for each form of the cores. */
  readonly responses: readonly Buffer[];
  readonly cores: Cores;
}

/** Enough for every name, type and resolver of a site; a flood of different queries cannot grow it further. */
const MOST_CACHED = 16_384;
/** Up to so many RRsets are prebuilt when zones are published; those of larger zones when they are first asked for. */
const MOST_PREBUILT = 1_024;
const MOST_KEPT = 16_384;
const LONGEST_CACHED_QUERY = 320;

/**
 * Packet in, packet out: everything an authoritative server does but sockets. Never throws.
 *
 * Three levels, each of which is dropped as a whole when zones are published: the bytes of a query (after its ID) →
 * the bytes of its answer; name and type → the prebuilt answer of all clients; the zones.
 */
export class Responder {
  readonly counts: ResponderCounts = { queries: 0, cacheHits: 0, dropped: 0, failed: 0, byRcode: {} };
  readonly #o: ResponderOptions;
  #zones: Zones = new Map();
  #prebuilt = new Map<string, Cores>();
  #byBytes = new AnswerCache<Cached>(MOST_CACHED);

  constructor(o: ResponderOptions) {
    this.#o = o;
  }

  get zones(): Zones {
    return this.#zones;
  }

  /** Replaces everything at once: a query is answered from the old zones or the new ones, never from both. */
  publish(zones: Zones): void {
    const prebuilt = prebuild(zones);
    this.#zones = zones;
    this.#prebuilt = prebuilt;
    this.#byBytes = new AnswerCache(MOST_CACHED);
  }

  /**
   * Answers one packet.
   * @returns the answer; `undefined`: say nothing; a transfer request, over TCP only
   */
  respond(packet: Buffer, transport: Transport): Buffer | undefined | TransferRequest {
    this.counts.queries++;
    if (transport === 'udp' && packet.length <= LONGEST_CACHED_QUERY && packet.length >= HEADER_BYTES) {
      const cached = this.#byBytes.get(packet.toString('latin1', 2));
      if (cached !== undefined) return this.#again(cached, packet);
    }
    try {
      return this.#respondAnew(packet, transport);
    } catch (error) {
      this.counts.failed++;
      this.#o.log.error('a DNS query could not be answered', { error, packet: packet.toString('hex') });
      return this.#counted(headerOnly(packet, RCODE.SERVFAIL));
    }
  }

  #again(cached: Cached, packet: Buffer): Buffer {
    this.counts.cacheHits++;
    // A copy: the kernel may still be sending the last one.
    const response = Buffer.from(cached.responses[nextForm(cached.cores)] as Buffer);
    response[0] = packet[0] as number;
    response[1] = packet[1] as number;
    return this.#counted(response);
  }

  #respondAnew(packet: Buffer, transport: Transport): Buffer | undefined | TransferRequest {
    const query = readQuery(packet);
    if (query === 'drop') {
      this.counts.dropped++;
      return undefined;
    }
    if ('rcode' in query) return this.#counted(headerOnly(packet, query.rcode));
    if (query.hasTsig) return this.#respondSigned(packet, query, transport);
    const limit = limitOf(query, transport);
    const cores = this.#coresOf(query, transport, false);
    const core = cores.forms[nextForm(cores)] as Core;
    if (transport === 'udp' && cores.isOwnName && packet.length <= LONGEST_CACHED_QUERY) {
      const responses = cores.forms.map((form) => forClient(form, packet, query, limit));
      this.#byBytes.set(packet.toString('latin1', 2), { responses, cores });
    }
    return this.#counted(forClient(core, packet, query, limit), core.rcode);
  }

  /** RFC 8945 §5.2: the signature first; an answer to a signed query is signed. */
  #respondSigned(packet: Buffer, query: Query, transport: Transport): Buffer | TransferRequest {
    const nowMs = this.#o.clock.now();
    const verified = verifyMessage(packet, this.#o.keys, { nowMs });
    if (!verified.ok) return this.#refuseSignature(packet, query, verified);
    const isTransfer = query.type === RR_TYPES.AXFR || query.type === RR_TYPES.IXFR;
    if (isTransfer && transport === 'tcp' && query.class === CLASS.IN && this.#zones.has(query.key)) {
      return { packet, query, key: verified.key, requestMac: verified.mac };
    }
    const room = limitOf(query, transport) - tsigBytes(verified.key);
    const cores = isTransfer && transport === 'tcp' ? NOTAUTH : this.#coresOf(query, transport, true);
    const core = cores.forms[nextForm(cores)] as Core;
    const response = this.#counted(forClient(core, packet, query, room), core.rcode);
    return Buffer.from(signMessage(response, verified.key, { nowMs, requestMac: verified.mac }).wire);
  }

  #refuseSignature(packet: Buffer, query: Query, verified: Extract<Verified, { ok: false }>): Buffer {
    const { error, record, key, mac } = verified;
    if (error === 'unsigned' || error === 'FORMERR' || record === undefined) {
      return this.#counted(headerOnly(packet, RCODE.FORMERR));
    }
    const response = this.#counted(forClient(errorCore(RCODE.NOTAUTH), packet, query, 0xffff));
    if (error === 'BADTIME' && key !== undefined && mac !== undefined) {
      const about = { nowMs: this.#o.clock.now(), requestMac: mac, requestTime: record.timeSigned };
      return Buffer.from(signMessage(response, key, { ...about, error: TSIG_ERRORS.BADTIME }).wire);
    }
    return Buffer.from(refuseUnsigned(response, record, TSIG_ERRORS[error]));
  }

  #coresOf(query: Query, transport: Transport, isSigned: boolean): Cores {
    if (query.edns !== undefined && query.edns.version !== 0) return BADVERS;
    if (query.class !== CLASS.IN) return REFUSED;
    const type = query.type === RR_TYPES.IXFR && transport === 'udp' && isSigned ? RR_TYPES.SOA : query.type;
    if (isMetaType(type) && type !== RR_TYPES.ANY) return metaCores(type);
    const key = prebuiltKey(query.key, type);
    const known = this.#prebuilt.get(key);
    if (known !== undefined) return known;
    const cores = buildCores(this.#zones, query.key, type);
    if (cores.isOwnName && this.#prebuilt.size < MOST_KEPT) this.#prebuilt.set(key, cores);
    return cores;
  }

  #counted(response: Buffer, rcode = (response[3] as number) & 0xf): Buffer {
    this.counts.byRcode[rcode] = (this.counts.byRcode[rcode] ?? 0) + 1;
    return response;
  }
}

const BADVERS = errorCores(RCODE.BADVERS);
const REFUSED = errorCores(RCODE.REFUSED);
const NOTIMP = errorCores(RCODE.NOTIMP);
const NOTAUTH = errorCores(RCODE.NOTAUTH);
const FORMERR = errorCores(RCODE.FORMERR);

/** Types that are asked for but never stored (RFC 6895 §3.1): transfers need a signature, the rest we do not do. */
function metaCores(type: number): Cores {
  if (type === RR_TYPES.AXFR || type === RR_TYPES.IXFR) return REFUSED;
  return type === RR_TYPES.OPT || type === RR_TYPES.TSIG || type === 0 ? FORMERR : NOTIMP;
}

/** The answers to what clients ask most: every RRset, and both kinds of addresses of every name. */
function prebuild(zones: Zones): Map<string, Cores> {
  const prebuilt = new Map<string, Cores>();
  for (const { nodes } of zones.values()) {
    for (const [key, { sets }] of nodes) {
      if (sets.size === 0) continue;
      for (const type of new Set([...sets.keys(), RR_TYPES.A, RR_TYPES.AAAA])) {
        const cores = buildCores(zones, key, type);
        if (cores.isOwnName) prebuilt.set(prebuiltKey(key, type), cores);
        if (prebuilt.size >= MOST_PREBUILT) return prebuilt;
      }
    }
  }
  return prebuilt;
}

function prebuiltKey(key: string, type: number): string {
  return String.fromCharCode(type) + key;
}

/** What the TSIG record of an answer takes: its fields, both names, the MAC, and the time that BADTIME adds. */
function tsigBytes(key: TsigKey): number {
  return parseName(key.name).wire.length + 10 + parseName(key.algorithm).wire.length + 16 + 64 + 6;
}
