/** A session with a MariaDB server: login by password, statements one after the other, rows as texts. */
import type { Socket } from 'node:net';
import { abortReason } from '../../../base/interrupt.ts';
import { connectTcp } from '../../../probes/wire/connect-tcp.ts';
import { type Complaint, isEnd, loginPacket, parseComplaint, parseGreeting, parseTexts } from './packets.ts';

export type Row = Readonly<Record<string, string | undefined>>;

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface Session extends Disposable {
  readonly version: string;
  /** The rows of one statement. @throws ServerComplaint, or what cut the connection */
  query(statement: string): Promise<Row[]>;
}

/** What the server answered instead of a result. */
export class ServerComplaint extends Error {
  readonly number: number;

  constructor({ number, message }: Complaint) {
    super(message);
    this.name = 'ServerComplaint';
    this.number = number;
  }
}

const QUERY = 0x03;

/**
 * Logs in. An abort of the signal cuts the connection, then and later.
 * @throws ServerComplaint where it is refused; what the connection failed with
 */
export async function openSession(login: Login, signal: AbortSignal): Promise<Session> {
  const socket = await connectTcp(login.host, login.port, signal);
  socket.setNoDelay(true);
  const stop = (): void => void socket.destroy(abortReason(signal));
  signal.addEventListener('abort', stop, { once: true });
  const packets = packetsOf(socket);
  let sequence = 0;
  const read = async (): Promise<Buffer> => {
    const { value, done } = await packets.next();
    if (done === true) throw new Error('the server closed the connection');
    sequence = value.sequence + 1;
    const complaint = parseComplaint(value.body);
    if (complaint !== undefined) throw new ServerComplaint(complaint);
    return value.body;
  };
  const write = (body: Buffer): void => {
    const head = Buffer.alloc(4);
    head.writeUIntLE(body.length, 0, 3);
    head[3] = sequence;
    socket.write(Buffer.concat([head, body]));
  };
  try {
    const { version, scramble } = parseGreeting(await read());
    write(loginPacket(login.user, login.password, scramble));
    const answer = await read();
    if (answer[0] !== 0) throw new Error('the server asks for a way to log in other than by password');
    return {
      version,
      async query(statement) {
        sequence = 0;
        write(Buffer.concat([Buffer.from([QUERY]), Buffer.from(statement)]));
        return await readResult(read);
      },
      [Symbol.dispose]() {
        signal.removeEventListener('abort', stop);
        socket.destroy();
      },
    };
  } catch (error) {
    signal.removeEventListener('abort', stop);
    socket.destroy();
    throw error;
  }
}

async function readResult(read: () => Promise<Buffer>): Promise<Row[]> {
  const first = await read();
  if (first[0] === 0) return [];
  const names: string[] = [];
  for (let packet = await read(); !isEnd(packet); packet = await read())
    names.push(parseTexts(packet)[4] ?? '');
  const rows: Row[] = [];
  for (let packet = await read(); !isEnd(packet); packet = await read()) {
    const texts = parseTexts(packet);
    rows.push(Object.fromEntries(names.map((name, at) => [name, texts[at]])));
  }
  return rows;
}

interface Packet {
  readonly sequence: number;
  readonly body: Buffer;
}

async function* packetsOf(socket: Socket): AsyncGenerator<Packet, undefined> {
  let buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    buffer = Buffer.concat([buffer, chunk as Buffer]);
    while (buffer.length >= 4 && buffer.length >= 4 + buffer.readUIntLE(0, 3)) {
      const length = buffer.readUIntLE(0, 3);
      yield { sequence: buffer[3] as number, body: buffer.subarray(4, 4 + length) };
      buffer = buffer.subarray(4 + length);
    }
  }
  return undefined;
}
