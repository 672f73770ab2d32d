import { isIPv4, isIPv6 } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { throwIfAborted } from '../base/interrupt.ts';
import { DnsError } from './error.ts';
import { type DnsPeer, exchangeTcp, exchangeUdp, isReplyTo } from './exchange.ts';
import { ipv6Bytes } from './ip-address.ts';
import { FLAG, type Message, type MessageRecord, parseMessage } from './message.ts';
import { MessageWriter } from './message-writer.ts';
import { type Name, parseName } from './name.ts';
import { RCODE, rcodeName } from './rcode.ts';
import { formatRdata } from './rdata.ts';
import { badRdata } from './rdata-field.ts';
import { RR_TYPES, typeCode, typeName } from './rr-type.ts';

export interface ResolveOptions {
  /** Asked in this order until one answers. An address, never a name; port 53 unless it says otherwise. */
  readonly servers: readonly (string | { readonly address: string; readonly port?: number })[];
  /** Absolute, with or without the final dot. */
  readonly name: string;
  /** Default `A`. */
  readonly type?: string;
  /** For the whole call, all servers and repetitions together. */
  readonly timeoutMs: number;
  /** How often each server is asked before giving up, default 2: one lost packet is nothing. */
  readonly tries?: number;
  /** Over TCP from the start; otherwise only where the answer over UDP is truncated. */
  readonly tcp?: boolean;
  /** Default true; without it answers end at 512 bytes. */
  readonly edns?: boolean;
  /** Whether the server should ask others, default true; false for authoritative servers. */
  readonly recurse?: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** 0…1, for the query's ID. */
  readonly random: () => number;
}

export interface ResolvedRecord {
  readonly name: string;
  readonly type: string;
  /** Seconds. */
  readonly ttl: number;
  /** As in a zone file: `192.0.2.1`, `10 mail.example.com.` */
  readonly data: string;
}

export interface Resolved {
  /** `NOERROR`, `NXDOMAIN`, `REFUSED` …: an answer is a value, whatever it says. */
  readonly rcode: string;
  readonly authoritative: boolean;
  readonly recursionAvailable: boolean;
  readonly answers: readonly ResolvedRecord[];
  readonly authorities: readonly ResolvedRecord[];
  /** Data of the answers that have the type that was asked for, CNAMEs left out. */
  readonly data: readonly string[];
  /** The smallest TTL of the answers, in seconds: how long a cache may keep them. Undefined without answers. */
  readonly ttl: number | undefined;
  readonly server: DnsPeer;
  readonly protocol: 'udp' | 'tcp';
  readonly tookMs: number;
}

/** DNS Flag Day 2020: fits one packet nearly everywhere. */
const UDP_BYTES = 1232;

/**
 * Asks DNS servers one question. A truncated answer is asked for again over TCP; a server that does not understand
 * EDNS is asked without.
 * @throws DnsError `dns/timeout`, `dns/unreachable` (of the last server), `dns/malformed`, `dns/bad-name`
 */
export async function resolve(o: ResolveOptions): Promise<Resolved> {
  const question = { name: parseName(o.name), type: askableType(o.type ?? 'A') };
  const peers = o.servers.map(toPeer);
  const startMs = o.clock.monotonicMs();
  let failure: unknown = noServers();
  const attempts = Array.from({ length: o.tries ?? 2 }, () => peers).flat();
  for (const [index, peer] of attempts.entries()) {
    throwIfAborted(o.signal);
    const leftMs = o.timeoutMs - (o.clock.monotonicMs() - startMs);
    if (leftMs <= 0) break;
    try {
      const { message, protocol } = await ask(peer, question, o, leftMs / (attempts.length - index));
      return toResolved(message, question.type, {
        server: peer,
        protocol,
        tookMs: o.clock.monotonicMs() - startMs,
      });
    } catch (error) {
      if (o.signal.aborted || !(error instanceof DnsError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** The name under which an address has its PTR record: `1.2.0.192.in-addr.arpa.` (RFC 1035 §3.5, RFC 3596 §2.5). */
export function reverseName(address: string): string {
  if (isIPv4(address)) return `${address.split('.').reverse().join('.')}.in-addr.arpa.`;
  if (!isIPv6(address)) throw badRdata('an IPv4 or IPv6 address', address);
  const hex = Buffer.from(ipv6Bytes(address)).toString('hex');
  return `${[...hex].reverse().join('.')}.ip6.arpa.`;
}

async function ask(
  peer: DnsPeer,
  question: { name: Name; type: number },
  o: ResolveOptions,
  timeoutMs: number,
): Promise<{ message: Message; protocol: 'udp' | 'tcp' }> {
  const startMs = o.clock.monotonicMs();
  const send = async (protocol: 'udp' | 'tcp', edns: boolean): Promise<Message> => {
    const query = buildQuery(question, { edns, recurse: o.recurse ?? true, random: o.random });
    const exchange = protocol === 'udp' ? exchangeUdp : exchangeTcp;
    const leftMs = Math.max(1, timeoutMs - (o.clock.monotonicMs() - startMs));
    const accepts = (reply: Buffer): boolean => isReplyTo(query, reply);
    const { clock, signal } = o;
    return parseMessage(await exchange(peer, query, { timeoutMs: leftMs, clock, signal, accepts }));
  };
  let edns = o.edns ?? true;
  let protocol: 'udp' | 'tcp' = o.tcp === true ? 'tcp' : 'udp';
  let message = await send(protocol, edns);
  if (
    edns &&
    message.edns === undefined &&
    (message.rcode === RCODE.FORMERR || message.rcode === RCODE.NOTIMP)
  ) {
    edns = false;
    message = await send(protocol, edns);
  }
  if (protocol === 'udp' && (message.flags & FLAG.TC) !== 0) {
    protocol = 'tcp';
    message = await send(protocol, edns);
  }
  return { message, protocol };
}

function buildQuery(
  question: { name: Name; type: number },
  o: { edns: boolean; recurse: boolean; random: () => number },
): Buffer {
  const id = Math.floor(o.random() * 0x10000) & 0xffff;
  const writer = new MessageWriter({ id, flags: o.recurse ? FLAG.RD : 0 });
  writer.addQuestion(question.name, question.type);
  if (o.edns) writer.addEdns({ udpBytes: UDP_BYTES });
  return writer.finish();
}

function toResolved(
  message: Message,
  type: number,
  about: Pick<Resolved, 'server' | 'protocol' | 'tookMs'>,
): Resolved {
  const answers = message.answers.map(toText);
  const ofType = message.answers.filter((record) => record.type === type || type === RR_TYPES.ANY);
  return {
    rcode: rcodeName(message.rcode),
    authoritative: (message.flags & FLAG.AA) !== 0,
    recursionAvailable: (message.flags & FLAG.RA) !== 0,
    answers,
    authorities: message.authorities.map(toText),
    data: ofType.map((record) => formatRdata(record.type, record.rdata)),
    ttl: answers.length === 0 ? undefined : Math.min(...answers.map((record) => record.ttl)),
    ...about,
  };
}

function toText(record: MessageRecord): ResolvedRecord {
  return {
    name: record.name.toString(),
    type: typeName(record.type),
    ttl: record.ttl,
    data: formatRdata(record.type, record.rdata),
  };
}

function toPeer(server: ResolveOptions['servers'][number]): DnsPeer {
  const peer = typeof server === 'string' ? { address: server, port: 53 } : { port: 53, ...server };
  if (!isIPv4(peer.address) && !isIPv6(peer.address)) throw badRdata("a server's IP address", peer.address);
  return { address: peer.address, port: peer.port };
}

function askableType(type: string): number {
  const code = typeCode(type);
  if (code === undefined) throw badRdata('a record type such as A, or TYPE and a number', type);
  return code;
}

function noServers(): DnsError {
  return new DnsError({
    code: 'dns/unreachable',
    message: 'there is no DNS server to ask',
    expected: 'at least one server',
    got: 'none',
    hint: 'Name a server, or check /etc/resolv.conf.',
  });
}
