/** For tests: packets and sockets by hand. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIPv6, type Socket } from 'node:net';
import { SystemClock } from '../../src/base/clock.ts';
import { type DnsPeer, FrameReader, frame } from '../../src/dns/exchange.ts';
import { type Message, parseMessage } from '../../src/dns/message.ts';
import { MessageWriter } from '../../src/dns/message-writer.ts';
import { parseName } from '../../src/dns/name.ts';
import { typeCode } from '../../src/dns/rr-type.ts';

/** A query's bytes. */
export function query(
  name: string,
  type: string,
  o: { id?: number; flags?: number; udpBytes?: number; class?: number } = {},
): Buffer {
  const writer = new MessageWriter({ id: o.id ?? 0x1234, flags: o.flags ?? 0 });
  writer.addQuestion(parseName(name), typeCode(type) as number, o.class ?? 1);
  if (o.udpBytes !== undefined) writer.addEdns({ udpBytes: o.udpBytes });
  return writer.finish();
}

/** Sends a packet over UDP and gives the answer; undefined where none comes within `waitMs`. */
export async function askUdp(peer: DnsPeer, packet: Buffer, waitMs = 5_000): Promise<Buffer | undefined> {
  const socket = createSocket(isIPv6(peer.address) ? 'udp6' : 'udp4');
  const answer = new Promise<Buffer>((resolve) => socket.once('message', resolve));
  socket.send(packet, peer.port, peer.address);
  const nothing = new SystemClock().sleep(waitMs).then(() => undefined);
  const first = await Promise.race([answer, nothing]);
  socket.close();
  return first;
}

/** A TCP connection that speaks in whole messages. */
export async function dialTcp(peer: DnsPeer): Promise<{
  socket: Socket;
  write(...packets: Buffer[]): void;
  next(): Promise<Buffer>;
  closed: Promise<unknown>;
}> {
  const socket = connect(peer.port, peer.address);
  await once(socket, 'connect');
  const frames = new FrameReader();
  const arrived: Buffer[] = [];
  let wake = (): void => {};
  socket.on('data', (chunk) => {
    arrived.push(...frames.push(chunk));
    wake();
  });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  let isClosed = false;
  closed.then(() => {
    isClosed = true;
    wake();
  });
  return {
    socket,
    closed,
    write: (...packets) => socket.write(Buffer.concat(packets.map(frame))),
    async next() {
      while (arrived.length === 0) {
        if (isClosed) throw new Error('the server closed the connection');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return arrived.shift() as Buffer;
    },
  };
}

/** The answer as a message; fails where there is none. */
export function read(answer: unknown): Message {
  if (!Buffer.isBuffer(answer)) throw new Error('there is no answer');
  return parseMessage(answer);
}
