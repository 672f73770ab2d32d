/**
 * Packets of the MariaDB client/server protocol, as far as a login by password and text queries need them. Pure.
 * Source: MariaDB Knowledge Base, "Clients & Utilities: Client/Server Protocol".
 */
import { createHash } from 'node:crypto';

/** LONG_PASSWORD, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION, MULTI_RESULTS, PLUGIN_AUTH. */
const CAPABILITIES = 0x1 | 0x200 | 0x2000 | 0x8000 | 0x20000 | 0x80000;
const UTF8MB4 = 45;
const LARGEST_PACKET = 0x1000000;

export interface Greeting {
  readonly version: string;
  /** Twenty bytes by which the password is scrambled. */
  readonly scramble: Buffer;
}

/** The first packet of a server. @throws TypeError where it is none of protocol 10 */
export function parseGreeting(packet: Buffer): Greeting {
  if (packet[0] !== 10) throw new TypeError('no greeting of protocol 10');
  const end = packet.indexOf(0, 1);
  const version = packet.toString('latin1', 1, end);
  const first = packet.subarray(end + 5, end + 13);
  const rest = packet.subarray(end + 32, end + 44);
  return { version: version.replace(/^5\.5\.5-/, ''), scramble: Buffer.concat([first, rest]) };
}

/** Answer to the greeting: who logs in, the password scrambled (mysql_native_password). */
export function loginPacket(user: string, password: string, scramble: Buffer): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(CAPABILITIES, 0);
  head.writeUInt32LE(LARGEST_PACKET, 4);
  head[8] = UTF8MB4;
  const token = nativePassword(password, scramble);
  return Buffer.concat([
    head,
    Buffer.from(`${user}\0`),
    Buffer.from([token.length]),
    token,
    Buffer.from('mysql_native_password\0'),
  ]);
}

/** SHA1(password) xor SHA1(scramble + SHA1(SHA1(password))); nothing for no password. */
export function nativePassword(password: string, scramble: Buffer): Buffer {
  if (password === '') return Buffer.alloc(0);
  const sha1 = (...parts: Buffer[]): Buffer => createHash('sha1').update(Buffer.concat(parts)).digest();
  const once = sha1(Buffer.from(password));
  const mask = sha1(scramble, sha1(once));
  return Buffer.from(once.map((byte, at) => byte ^ (mask[at] as number)));
}

/** What a server complains of. */
export interface Complaint {
  readonly number: number;
  readonly message: string;
}

/** The complaint in an error packet; undefined for any other. */
export function parseComplaint(packet: Buffer): Complaint | undefined {
  if (packet[0] !== 0xff) return undefined;
  const text = packet.toString('utf8', 3);
  return { number: packet.readUInt16LE(1), message: text.replace(/^#.{5}/, '') };
}

/** Whether a packet ends a list of columns or rows. */
export function isEnd(packet: Buffer): boolean {
  return packet[0] === 0xfe && packet.length < 9;
}

/** The texts of a packet of length-encoded strings: a row, or the description of a column. */
export function parseTexts(packet: Buffer): (string | undefined)[] {
  const texts: (string | undefined)[] = [];
  let at = 0;
  while (at < packet.length) {
    if (packet[at] === 0xfb) {
      texts.push(undefined);
      at++;
      continue;
    }
    const [length, next] = readLength(packet, at);
    texts.push(packet.toString('utf8', next, next + length));
    at = next + length;
  }
  return texts;
}

function readLength(packet: Buffer, at: number): [length: number, next: number] {
  const first = packet[at] as number;
  if (first < 0xfb) return [first, at + 1];
  if (first === 0xfc) return [packet.readUInt16LE(at + 1), at + 3];
  if (first === 0xfd) return [packet.readUIntLE(at + 1, 3), at + 4];
  return [Number(packet.readBigUInt64LE(at + 1)), at + 9];
}
