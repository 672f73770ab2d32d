import { once } from 'node:events';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { type DnsPeer, FrameReader, frame } from './exchange.ts';
import { HEADER_BYTES } from './message.ts';
import type { Responder, TransferRequest } from './responder.ts';

/** Counters of one server's TCP sockets together; `open` is how many connections there are now. */
export interface TcpCounts {
  queries: number;
  connections: number;
  open: number;
  /** Turned away because there were too many. */
  refused: number;
  transfers: number;
}

export interface TcpLimits {
  /** Connections at once. */
  readonly mostConnections: number;
  /** Of one client address at once. */
  readonly mostPerClient: number;
  /** A connection without a whole query, or without progress of our answers, is closed after this. */
  readonly idleMs: number;
}

export interface TcpOptions {
  readonly responder: Responder;
  readonly clock: Clock;
  readonly counts: TcpCounts;
  readonly limits: TcpLimits;
  readonly reusePort: boolean;
  /** The messages of a transfer that the responder allows. */
  transfer(request: TransferRequest): Iterable<Uint8Array>;
}

/** Answers that a client has not read yet; beyond this we read no more of its queries. */
const MOST_UNREAD_BYTES = 256 * 1024;

/** Closes like a socket, but takes its connections along. */
export interface TcpListener extends AsyncDisposable {
  readonly port: number;
}

/**
 * Answers DNS over TCP on one address (RFC 7766): connections stay open, queries may be sent without waiting for
 * answers, which come in the order of the queries.
 * @throws the system's error where the address cannot be bound
 */
export async function listenTcp(where: DnsPeer, o: TcpOptions): Promise<TcpListener> {
  const clients = new Map<string, number>();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const client = socket.remoteAddress ?? '';
    const ofClient = clients.get(client) ?? 0;
    if (sockets.size >= o.limits.mostConnections || ofClient >= o.limits.mostPerClient) {
      o.counts.refused++;
      socket.destroy();
      return;
    }
    sockets.add(socket);
    clients.set(client, ofClient + 1);
    o.counts.connections++;
    o.counts.open++;
    socket.once('close', () => {
      sockets.delete(socket);
      const left = (clients.get(client) ?? 1) - 1;
      if (left === 0) clients.delete(client);
      else clients.set(client, left);
      o.counts.open--;
    });
    serve(socket, o);
  });
  server.listen({
    host: where.address,
    port: where.port,
    ipv6Only: isIPv6(where.address),
    reusePort: o.reusePort,
  });
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    [Symbol.asyncDispose]: () => close(server, sockets),
  };
}

function serve(socket: Socket, o: TcpOptions): void {
  const frames = new FrameReader();
  const waiting: Buffer[] = [];
  let isBusy = false;
  let hasEnded = false;
  const progress = watchIdle(socket, o);
  socket.on('error', () => socket.destroy());
  socket.on('drain', progress);
  const work = async (): Promise<void> => {
    isBusy = true;
    for (let packet = waiting.shift(); packet !== undefined && !socket.destroyed; packet = waiting.shift()) {
      if (!(await answer(packet, socket, o, progress))) socket.destroy();
    }
    isBusy = false;
    if (hasEnded) socket.end();
    else if (!socket.destroyed) socket.resume();
  };
  socket.on('data', (chunk) => {
    const packets = frames.push(chunk);
    if (packets.length === 0) return;
    progress();
    waiting.push(...packets);
    if (isBusy) socket.pause();
    // A failure here is a defect; the connection is all that is lost.
    else work().catch(() => socket.destroy());
  });
  // A client that has said everything may still wait for its answers.
  socket.on('end', () => {
    hasEnded = true;
    if (!isBusy) socket.end();
  });
}

/** @returns whether the connection should stay */
async function answer(packet: Buffer, socket: Socket, o: TcpOptions, progress: () => void): Promise<boolean> {
  o.counts.queries++;
  if (packet.length < HEADER_BYTES) return false;
  const response = o.responder.respond(packet, 'tcp');
  if (response === undefined) return false;
  if (Buffer.isBuffer(response)) {
    socket.write(frame(response));
    return drained(socket, MOST_UNREAD_BYTES);
  }
  o.counts.transfers++;
  for (const message of o.transfer(response)) {
    socket.write(frame(message));
    if (!(await drained(socket, MOST_UNREAD_BYTES))) return false;
    progress();
  }
  return true;
}

/** Waits until the client has read enough. @returns false where it went away */
async function drained(socket: Socket, most: number): Promise<boolean> {
  if (socket.destroyed) return false;
  if (socket.writableLength <= most) return true;
  await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
  return !socket.destroyed;
}

/** Closes the connection once there was no progress for a while. @returns what to call at progress */
function watchIdle(socket: Socket, o: TcpOptions): () => void {
  let lastMs = o.clock.monotonicMs();
  let cancel = (): void => {};
  const look = (): void => {
    const leftMs = o.limits.idleMs - (o.clock.monotonicMs() - lastMs);
    if (leftMs <= 0) socket.destroy();
    else cancel = o.clock.after(leftMs, look);
  };
  look();
  socket.once('close', () => cancel());
  return () => {
    lastMs = o.clock.monotonicMs();
  };
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}
