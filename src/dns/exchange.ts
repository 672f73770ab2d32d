import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { openScope, orAborted } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf, systemCode } from '../base/errors.ts';
import { DnsError } from './error.ts';
import { HEADER_BYTES } from './message.ts';

/** Where a DNS server listens; `address` is an IP address, never a name. */
export interface DnsPeer {
  readonly address: string;
  readonly port: number;
}

export interface ExchangeOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether a packet is the answer; over UDP all others are ignored, since anybody could have sent them. */
  accepts(reply: Buffer): boolean;
}

/**
 * Sends one query over UDP from a port of its own and waits for its answer. Sends once: loss ends as a timeout.
 * @throws DnsError `dns/timeout` or `dns/unreachable`, both retryable; the signal's reason
 */
export function exchangeUdp(server: DnsPeer, query: Uint8Array, o: ExchangeOptions): Promise<Buffer> {
  return within(server, 'UDP', o, (signal) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    const reply = new Promise<Buffer>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (packet) => {
        if (o.accepts(packet)) resolve(packet);
      });
      // Connected, the socket takes packets of this server only, and is told when its port is closed.
      socket.connect(server.port, server.address, () => socket.send(query));
    });
    return orAborted(reply, signal).finally(() => socket.close());
  });
}

/**
 * Sends one query over a TCP connection of its own and waits for its answer.
 * @throws DnsError `dns/timeout`, `dns/unreachable`, `dns/untrusted-answer`; the signal's reason
 */
export function exchangeTcp(server: DnsPeer, query: Uint8Array, o: ExchangeOptions): Promise<Buffer> {
  return within(server, 'TCP', o, (signal) => {
    const socket = connect({ host: server.address, port: server.port, noDelay: true });
    const reply = new Promise<Buffer>((resolve, reject) => {
      const frames = new FrameReader();
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the server closed the connection without an answer')));
      socket.on('connect', () => socket.write(frame(query)));
      socket.on('data', (chunk) => {
        const packet = frames.push(chunk)[0];
        if (packet === undefined) return;
        if (o.accepts(packet)) resolve(packet);
        else reject(strangeAnswer(server));
      });
    });
    return orAborted(reply, signal).finally(() => socket.destroy());
  });
}

/** A message with its length before it, as TCP carries it (RFC 1035 §4.2.2). */
export function frame(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(message.length >> 8, message.length & 0xff), message]);
}

/** Cuts a TCP stream into messages. */
export class FrameReader {
  #rest: Buffer[] = [];
  #bytes = 0;

  /** Bytes of a message that has not fully arrived. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  /** @returns the messages that this piece completes */
  push(chunk: Buffer): Buffer[] {
    this.#rest.push(chunk);
    this.#bytes += chunk.length;
    const messages: Buffer[] = [];
    if (this.#bytes < this.#needed()) return messages;
    let rest = this.#rest.length === 1 ? chunk : Buffer.concat(this.#rest);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0);
      messages.push(rest.subarray(2, end));
      rest = rest.subarray(end);
    }
    this.#rest = rest.length === 0 ? [] : [rest];
    this.#bytes = rest.length;
    return messages;
  }

  #needed(): number {
    const [first, second] = this.#rest;
    if (first === undefined) return 2;
    if (first.length >= 2) return 2 + first.readUInt16BE(0);
    return second === undefined ? 2 : 2 + (((first[0] as number) << 8) | (second[0] as number));
  }
}

/** Whether a packet is an answer to `query`: same ID, QR set, same question (RFC 5452 §9.1); its case may differ. */
export function isReplyTo(query: Uint8Array, reply: Uint8Array): boolean {
  if (reply.length < HEADER_BYTES || reply[0] !== query[0] || reply[1] !== query[1]) return false;
  if (((reply[2] as number) & 0x80) === 0) return false;
  const sameOpcode = (((reply[2] as number) ^ (query[2] as number)) & 0x78) === 0;
  if (!sameOpcode) return false;
  const questions = ((reply[4] as number) << 8) | (reply[5] as number);
  // A server that could not read the question, or has none to repeat, answers with the header alone.
  if (questions === 0) return ((reply[3] as number) & 0xf) !== 0 || isUpdate(query);
  const end = questionEnd(query);
  if (reply.length < end || questions !== 1) return false;
  for (let at = HEADER_BYTES; at < end; at++) {
    if (foldByte(query[at] as number) !== foldByte(reply[at] as number)) return false;
  }
  return true;
}

function isUpdate(query: Uint8Array): boolean {
  return ((query[2] as number) & 0x78) === 5 << 3;
}

function questionEnd(query: Uint8Array): number {
  let at = HEADER_BYTES;
  while (query[at] !== 0) at += 1 + (query[at] as number);
  return at + 5;
}

function foldByte(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** `192.0.2.1#53`, as dig and BIND write it. */
export function formatPeer(peer: DnsPeer): string {
  return `${peer.address}#${peer.port}`;
}

async function within(
  server: DnsPeer,
  protocol: string,
  o: ExchangeOptions,
  work: (signal: AbortSignal) => Promise<Buffer>,
): Promise<Buffer> {
  using scope = openScope(o.clock, { what: 'the DNS query', timeoutMs: o.timeoutMs, parent: o.signal });
  try {
    return await work(scope.signal);
  } catch (cause) {
    if (o.signal.aborted) throw cause;
    if (scope.signal.aborted) throw timedOut(server, protocol, o.timeoutMs);
    if (cause instanceof DnsError) throw cause;
    throw unreachable(server, protocol, cause);
  }
}

function timedOut(server: DnsPeer, protocol: string, timeoutMs: number): DnsError {
  return new DnsError({
    code: 'dns/timeout',
    message: `the DNS server ${formatPeer(server)} did not answer`,
    expected: `an answer over ${protocol} within ${Math.round(timeoutMs)} ms`,
    got: 'no answer',
    hint: `Check that the server runs and that no firewall drops ${protocol} port ${server.port}.`,
    retryable: true,
  });
}

function unreachable(server: DnsPeer, protocol: string, cause: unknown): DnsError {
  return new DnsError({
    code: 'dns/unreachable',
    message: `the DNS server ${formatPeer(server)} cannot be reached`,
    expected: `a server on ${protocol} port ${server.port}`,
    got: systemCode(cause) ?? messageOf(cause),
    hint: 'Check the address, the port, and that the server runs.',
    retryable: true,
    cause,
  });
}

function strangeAnswer(server: DnsPeer): DnsError {
  return new DnsError({
    code: 'dns/untrusted-answer',
    message: `the DNS server ${formatPeer(server)} answered something else than was asked`,
    expected: 'the ID and the question of the query',
    got: 'others',
    hint: 'Something on the way answers in its place: look at the packets with tcpdump.',
  });
}
