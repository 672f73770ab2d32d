import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { DnsPeer } from './exchange.ts';
import type { Responder } from './responder.ts';
import { type RateLimit, slipped } from './rrl.ts';

/** Counters of one server's UDP sockets together; they only grow. */
export interface UdpCounts {
  queries: number;
  /** Not sent, or sent truncated, because of the rate limit. */
  limited: number;
  slipped: number;
  /** The kernel would not send, e.g. for want of a route. */
  sendErrors: number;
}

/** Bursts wait in the kernel rather than being lost; it may give less. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

export interface UdpOptions {
  readonly responder: Responder;
  readonly rateLimit: RateLimit | undefined;
  readonly counts: UdpCounts;
}

/**
 * Answers UDP packets on one address.
 * @throws the system's error where the address cannot be bound
 */
export async function listenUdp(where: DnsPeer, o: UdpOptions & { reusePort: boolean }): Promise<Socket> {
  const isV6 = isIPv6(where.address);
  const socket = createSocket({
    type: isV6 ? 'udp6' : 'udp4',
    ipv6Only: isV6,
    reusePort: o.reusePort,
    // Answers go to addresses, never to names: no detour through the resolver of the system.
    lookup: (address, _options, callback) => callback(null, address, isV6 ? 6 : 4),
  });
  const { counts } = o;
  const sent = (error: Error | null): void => {
    if (error !== null) counts.sendErrors++;
  };
  socket.on('message', (packet, from) => {
    const response = answerUdp(packet, from, o);
    if (response !== undefined) socket.send(response, 0, response.length, from.port, from.address, sent);
  });
  try {
    // Our look-up calls back at once, and so does bind.
    const listening = once(socket, 'listening');
    socket.bind(where.port, where.address);
    await listening;
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.on('error', () => counts.sendErrors++);
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    // The system's own size will do.
  }
  return socket;
}

/** What is sent back for one packet, if anything. */
export function answerUdp(
  packet: Buffer,
  from: { readonly address: string; readonly port: number },
  { responder, rateLimit, counts }: UdpOptions,
): Buffer | undefined {
  counts.queries++;
  // Nobody sends from port 0; an answer to it could only be meant to hurt (RFC 6335 §6).
  if (from.port === 0) return undefined;
  const response = responder.respond(packet, 'udp');
  if (response === undefined || !Buffer.isBuffer(response)) return undefined;
  const verdict = rateLimit?.check(from.address, response) ?? 'send';
  if (verdict === 'send') return response;
  if (verdict === 'slip') {
    counts.slipped++;
    return slipped(response);
  }
  counts.limited++;
  return undefined;
}
