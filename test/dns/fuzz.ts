/** For tests and bench: packets that are nearly queries, and what must be true of every answer to them. */
import { FLAG, parseMessage } from '../../src/dns/message.ts';
import type { Responder } from '../../src/dns/responder.ts';
import { signMessage, type TsigKey } from '../../src/dns/tsig.ts';
import { query } from './raw.ts';

/** Numbers from a seed (mulberry32), so that a failure can be had again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const NAMES = [
  ...[
    'www',
    'alias2',
    'loop1',
    'x.wild',
    'x.wildalias',
    'host.sub',
    'big',
    'many',
    'a.b.moved',
    'nobody',
    '_tcp',
    '1',
  ],
].map((label) => `${label}.site.example`);
const TYPES = [
  'A',
  'AAAA',
  'NS',
  'SOA',
  'TXT',
  'MX',
  'SRV',
  'CAA',
  'ANY',
  'DS',
  'AXFR',
  'IXFR',
  'OPT',
  'TSIG',
  'TYPE1000',
];
const EDGES = [0, 1, 0x0c, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xff];

/** An endless stream of packets: whole queries bent in some places, and noise. */
export function* fuzzPackets(seed: number, key: TsigKey): Generator<Buffer> {
  const random = seeded(seed);
  const below = (most: number): number => Math.floor(random() * most);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const seeds = NAMES.flatMap((name) =>
    TYPES.map((type, index) =>
      query(name, type, index % 2 === 0 ? {} : { udpBytes: pick([0, 512, 1232, 65535]) }),
    ),
  );
  seeds.push(...seeds.slice(0, 20).map((packet) => Buffer.from(signMessage(packet, key, { nowMs: 0 }).wire)));
  const bend: readonly ((packet: Buffer) => Buffer)[] = [
    (packet) => packet.subarray(0, below(packet.length + 1)),
    (packet) => Buffer.concat([packet, Buffer.from(Array.from({ length: below(40) }, () => below(256)))]),
    (packet) => Buffer.concat([packet, pick(seeds).subarray(below(30))]),
    (packet) => change(packet, () => below(256), 1 + below(4), random),
    (packet) => change(packet, () => pick(EDGES), 1 + below(4), random),
    (packet) => {
      if (packet.length >= 12) packet.writeUInt16BE(pick([0, 1, 2, 0xffff]), 4 + 2 * below(4));
      return packet;
    },
    (packet) => {
      if (packet.length > 14)
        packet.writeUInt16BE(0xc000 | below(packet.length), 12 + below(packet.length - 13));
      return packet;
    },
    (packet) => packet,
  ];
  for (;;) {
    if (random() < 0.02) {
      yield Buffer.from(Array.from({ length: below(600) }, () => below(256)));
      continue;
    }
    let packet = Buffer.from(pick(seeds));
    for (let times = 1 + below(3); times > 0; times--) packet = Buffer.from(pick(bend)(packet));
    if (packet.length > 2 && random() < 0.9) packet[2] = (packet[2] as number) & 0x7f;
    yield packet;
  }
}

function change(packet: Buffer, byte: () => number, times: number, random: () => number): Buffer {
  for (let time = 0; time < times && packet.length > 0; time++)
    packet[Math.floor(random() * packet.length)] = byte();
  return packet;
}

/**
 * Hands one packet to the responder and looks at what comes back.
 * @returns what is wrong with it, undefined where all is well
 */
export function judgeAnswer(
  responder: Responder,
  packet: Buffer,
  transport: 'udp' | 'tcp',
): string | undefined {
  const before = Buffer.from(packet);
  const answer = responder.respond(packet, transport);
  if (responder.counts.failed > 0) return 'the responder failed inside';
  if (!packet.equals(before)) return 'the query was changed';
  const isSilent = packet.length < 12 || ((packet[2] as number) & 0x80) !== 0;
  if (answer === undefined) return isSilent ? undefined : 'there is no answer';
  if (isSilent) return 'it was answered and must not be';
  if (!Buffer.isBuffer(answer)) return transport === 'tcp' ? undefined : 'a transfer over UDP';
  // Signed answers to hardly any question may be longer than 512 bytes by their TSIG record, never than this.
  if (transport === 'udp' && answer.length > 1232) return `it has ${answer.length} bytes`;
  const message = parseMessage(answer);
  if ((message.flags & FLAG.QR) === 0) return 'it is no answer';
  if (message.id !== packet.readUInt16BE(0)) return 'it has another ID';
  if ((message.flags & (FLAG.RA | FLAG.AD | FLAG.CD | 0x40)) !== 0) return 'it has flags that are not ours';
  return undefined;
}
