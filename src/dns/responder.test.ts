import { describe, expect, it } from 'vitest';
import { query, read } from '../../test/dns/raw.ts';
import { SITE_ZONE, zoneOf, zonesOf } from '../../test/dns/site-zone.ts';
import { SimClock } from '../../test/sim-clock.ts';
import { silentLogger } from '../base/log.ts';
import { Secret } from '../base/secret.ts';
import { AnswerCache } from './answer-cache.ts';
import { FLAG } from './message.ts';
import { rcodeName } from './rcode.ts';
import { formatRdata } from './rdata.ts';
import { Responder } from './responder.ts';
import { rotationOf } from './rotation.ts';
import { signMessage, type TsigKey, verifyMessage } from './tsig.ts';

const clock = new SimClock();
const key: TsigKey = { name: 'k', algorithm: 'hmac-sha256', secret: new Secret('t', 'c2VjcmV0') };

function responder(text = SITE_ZONE): Responder {
  const made = new Responder({ keys: [key], clock, log: silentLogger });
  made.publish(zonesOf(zoneOf(text)));
  return made;
}
const data = (answer: unknown): string[] =>
  read(answer).answers.map(({ type, rdata }) => formatRdata(type, rdata));

describe('a query', () => {
  it('is answered with its own ID, its own case and its own RD, the second time from the cache', () => {
    const it = responder();
    for (const [id, hits] of [
      [1, 0],
      [0xfffe, 1],
    ] as const) {
      const packet = query('wWw.Site.Example', 'A', { id, flags: FLAG.RD });
      const answer = it.respond(packet, 'udp') as Buffer;
      expect(read(answer)).toMatchObject({ id, flags: FLAG.QR | FLAG.AA | FLAG.RD });
      expect(answer.subarray(12, packet.length)).toEqual(packet.subarray(12));
      expect(it.counts.cacheHits).toBe(hits);
    }
    const plain = it.respond(query('www.site.example', 'A'), 'udp') as Buffer;
    expect(read(plain).flags & FLAG.RD).toBe(0);
    expect(plain.toString('latin1')).toContain('www');
  });

  it('never shares its answer with another: a changed buffer does not reach the cache', () => {
    const it = responder();
    const packet = query('www.site.example', 'A');
    for (let time = 0; time < 3; time++) {
      const answer = it.respond(packet, 'udp') as Buffer;
      expect(data(answer)).toEqual(['192.0.2.193']);
      answer.fill(0);
    }
  });

  it('sees new zones at once and whole, cached or not', () => {
    const it = responder();
    const packet = query('www.site.example', 'A');
    expect(data(it.respond(packet, 'udp'))).toEqual(['192.0.2.193']);
    it.publish(zonesOf(zoneOf(SITE_ZONE.replace('192.0.2.193', '192.0.2.194'))));
    expect(data(it.respond(packet, 'udp'))).toEqual(['192.0.2.194']);
    it.publish(new Map());
    expect(rcodeName(read(it.respond(packet, 'udp')).rcode)).toBe('REFUSED');
  });

  it.each([
    ['outside of the zones', query('www.elsewhere.example', 'A'), 'REFUSED'],
    ['of the root', query('.', 'NS'), 'REFUSED'],
    ['of class CH', query('version.bind', 'TXT', { class: 3 }), 'REFUSED'],
    ['of class ANY', query('www.site.example', 'A', { class: 255 }), 'REFUSED'],
    ['of an unknown class', query('www.site.example', 'A', { class: 4711 }), 'REFUSED'],
    ['for AXFR over UDP', query('site.example', 'AXFR'), 'REFUSED'],
    ['for IXFR without a key', query('site.example', 'IXFR'), 'REFUSED'],
    ['for MAILA', query('site.example', 'MAILA'), 'NOTIMP'],
    ['for a type of the meta range', query('site.example', 'TYPE200'), 'NOTIMP'],
    ['for OPT', query('site.example', 'OPT'), 'FORMERR'],
    ['for TSIG', query('site.example', 'TSIG'), 'FORMERR'],
    ['for type 0', query('site.example', 'TYPE0'), 'FORMERR'],
    ['NOTIFY', query('site.example', 'SOA', { flags: 4 << 11 }), 'NOTIMP'],
    ['UPDATE', query('site.example', 'SOA', { flags: 5 << 11 }), 'NOTIMP'],
    ['STATUS', query('site.example', 'SOA', { flags: 2 << 11 }), 'NOTIMP'],
  ])('%s is %3$s', (_what, packet, rcode) => {
    for (const transport of ['udp', 'tcp'] as const) {
      const message = read(responder().respond(packet, transport));
      expect(rcodeName(message.rcode)).toBe(rcode);
      expect(message.answers).toEqual([]);
      expect(message.flags & FLAG.AA).toBe(0);
    }
  });
});

describe('a packet that is no query', () => {
  const good = query('www.site.example', 'A', { udpBytes: 1232 });
  const bare = query('www.site.example', 'A');
  const opt = good.subarray(bare.length);
  const changed = (change: (packet: Buffer) => void): Buffer => {
    const packet = Buffer.from(good);
    change(packet);
    return packet;
  };
  const withCounts = (packet: Buffer, counts: readonly number[]): Buffer => {
    const copy = Buffer.from(packet);
    for (const [index, count] of counts.entries()) copy.writeUInt16BE(count, 4 + index * 2);
    return copy;
  };

  it.each([
    ['is empty', Buffer.alloc(0)],
    ['is shorter than a header', good.subarray(0, 11)],
    ['is an answer', changed((packet) => packet.writeUInt8(0x80, 2))],
    ['is an answer of an unknown opcode', changed((packet) => packet.writeUInt8(0xf8, 2))],
  ])('and %s is dropped without a word', (_what, packet) => {
    const it = responder();
    expect(it.respond(packet, 'udp')).toBeUndefined();
    expect(it.respond(packet, 'tcp')).toBeUndefined();
    expect(it.counts.dropped).toBe(2);
  });

  it.each([
    ['no question', withCounts(good.subarray(0, 12), [0, 0, 0, 0])],
    ['two questions', withCounts(Buffer.concat([bare, bare.subarray(12)]), [2, 0, 0, 0])],
    ['65,535 questions', withCounts(bare, [0xffff, 0, 0, 0])],
    ['half a question', withCounts(bare.subarray(0, 20), [1, 0, 0, 0])],
    ['a compressed question', changed((packet) => packet.writeUInt16BE(0xc00c, 12))],
    ['a label of an unknown kind', changed((packet) => packet.writeUInt8(0x41, 12))],
    [
      'a name of 256 bytes',
      withCounts(
        Buffer.concat([good.subarray(0, 12), Buffer.from('\x01a'.repeat(128)), Buffer.alloc(5)]),
        [1, 0, 0, 0],
      ),
    ],
    ['records that are not there', withCounts(good, [1, 1, 1, 1])],
    ['bytes after its end', Buffer.concat([good, Buffer.of(0)])],
    ['two OPT records', withCounts(Buffer.concat([good, opt]), [1, 0, 0, 2])],
    ['OPT among the answers', withCounts(good, [1, 1, 0, 0])],
    ['OPT with an owner', withCounts(Buffer.concat([bare, Buffer.from('\x01a'), opt]), [1, 0, 0, 1])],
    [
      'half an EDNS option',
      withCounts(Buffer.concat([good.subarray(0, -2), Buffer.of(0, 3, 0, 1, 0)]), [1, 0, 0, 1]),
    ],
    [
      'an EDNS option that runs out',
      withCounts(Buffer.concat([good.subarray(0, -2), Buffer.of(0, 4, 0, 1, 0, 9)]), [1, 0, 0, 1]),
    ],
  ])('but has %s is FORMERR, a header alone', (_what, packet) => {
    const answer = responder().respond(packet, 'udp') as Buffer;
    expect(rcodeName(read(answer).rcode)).toBe('FORMERR');
    expect(answer).toHaveLength(12);
    expect(answer.readUInt16BE(0)).toBe(0x1234);
  });
});

describe('the size of an answer', () => {
  const ask = (
    name: string,
    udpBytes: number | undefined,
    transport: 'udp' | 'tcp',
    type = 'TXT',
    text = SITE_ZONE,
  ) => {
    const packet = query(`${name}.site.example`, type, udpBytes === undefined ? {} : { udpBytes });
    const answer = responder(text).respond(packet, transport) as Buffer;
    return { bytes: answer.length, message: read(answer) };
  };

  it.each<[number | undefined, number]>([
    [undefined, 512],
    [0, 512],
    [512, 512],
    [1232, 1232],
    [65535, 1232],
  ])(
    'over UDP with EDNS size %s stays within %i: truncated, empty, with question and OPT',
    (udpBytes, limit) => {
      const { message, bytes } = ask('big', udpBytes, 'udp');
      expect(bytes).toBeLessThanOrEqual(limit);
      expect(message.flags & FLAG.TC).toBe(FLAG.TC);
      expect(message.questions).toHaveLength(1);
      expect(message.answers).toEqual([]);
      expect(message.edns?.udpBytes).toBe(udpBytes === undefined ? undefined : 1232);
    },
  );

  it('over TCP is whole', () => {
    const { message, bytes } = ask('big', undefined, 'tcp');
    expect(message.flags & FLAG.TC).toBe(0);
    expect(message.answers).toHaveLength(1);
    expect(bytes).toBeGreaterThan(1600);
  });

  it('is exactly at the limit when it fits exactly, and truncated one byte beyond', () => {
    const fill = (bytes: number): string => {
      const head = 12 + 16 + 4 + 12;
      const strings: string[] = [];
      for (let left = bytes - head; left > 0; left -= 256)
        strings.push(`"${'x'.repeat(Math.min(255, left - 1))}"`);
      return `${SITE_ZONE}x TXT ${strings.join(' ')}\n`;
    };
    expect(ask('x', undefined, 'udp', 'TXT', fill(512))).toMatchObject({
      bytes: 512,
      message: { answers: { length: 1 } },
    });
    expect(ask('x', undefined, 'udp', 'TXT', fill(513)).message.flags & FLAG.TC).toBe(FLAG.TC);
  });

  it('leaves out addresses nobody asked for before it truncates, but never the glue of a referral (RFC 9471)', () => {
    const hosts = Array.from({ length: 30 }, (_, index) => `many-named-host-${index}`);
    const mail = hosts.map((host) => `lists MX 1 ${host}\n${host} A 192.0.2.1\n${host} AAAA 2001:db8::1\n`);
    const lean = ask('lists', 1232, 'udp', 'MX', SITE_ZONE + mail.join(''));
    expect(lean.message).toMatchObject({ answers: { length: 30 }, additionals: { length: 1 } });
    expect(lean.message.flags & FLAG.TC).toBe(0);
    const cut = hosts.map(
      (host) => `deep NS ${host}.deep\n${host}.deep A 192.0.2.1\n${host}.deep AAAA 2001:db8::1\n`,
    );
    const referral = ask('x.deep', 1232, 'udp', 'A', SITE_ZONE + cut.join(''));
    expect(referral.message.flags & FLAG.TC).toBe(FLAG.TC);
    const whole = ask('x.deep', 1232, 'tcp', 'A', SITE_ZONE + cut.join(''));
    expect(whole.message).toMatchObject({ authorities: { length: 30 }, additionals: { length: 61 } });
  });
});

describe('several addresses', () => {
  it('take turns at being first, over UDP and TCP, cached or not', () => {
    const it = responder();
    const packet = query('many.site.example', 'A');
    const firsts = Array.from(
      { length: 6 },
      (_, index) => data(it.respond(packet, index % 2 ? 'tcp' : 'udp'))[0],
    );
    expect(firsts).toEqual(['31', '32', '33', '31', '32', '33'].map((last) => `192.0.2.${last}`));
    expect(data(it.respond(packet, 'udp')).toSorted()).toHaveLength(3);
  });

  it('with weights are given one at a time, as often as they weigh', () => {
    const set = zoneOf(SITE_ZONE).nodes.get('\x04many\x04site\x07example\0')!.sets.get(1)!;
    const { sets, order } = rotationOf({ ...set, weights: [3, 1, 0] });
    expect(sets.map(({ rdatas }) => rdatas.length)).toEqual([1, 1, 1]);
    expect(order).toEqual([0, 0, 1, 0]);
    expect(rotationOf({ ...set, weights: [100, 50, 50] }).order).toEqual([0, 1, 2, 0]);
    expect(rotationOf({ ...set, weights: [0.5, 0.25, 0.25] }).order).toHaveLength(1000);
    expect(rotationOf({ ...set, weights: [0, 0, 0] }).sets[0]!.rdatas).toHaveLength(3);
  });
});

describe('a signed query', () => {
  const nowMs = clock.now();
  const ask = (o: {
    key?: TsigKey;
    at?: number;
    transport?: 'udp' | 'tcp';
    type?: string;
    name?: string;
  }) => {
    const { wire, mac } = signMessage(query(o.name ?? 'site.example', o.type ?? 'SOA'), o.key ?? key, {
      nowMs: o.at ?? nowMs,
    });
    const answer = responder().respond(Buffer.from(wire), o.transport ?? 'udp');
    return { answer, mac };
  };

  it('gets a signed answer', () => {
    const { answer, mac } = ask({});
    const verified = verifyMessage(answer as Buffer, [key], { nowMs, requestMac: mac });
    expect(verified.ok && read(Buffer.from(verified.stripped)).answers).toHaveLength(1);
  });

  it('with a strange key or a wrong MAC is NOTAUTH and says why, unsigned', () => {
    const strange = ask({ key: { ...key, name: 'strange' } }).answer as Buffer;
    expect(rcodeName(read(strange).rcode)).toBe('NOTAUTH');
    expect(verifyMessage(strange, [key], { nowMs })).toMatchObject({ error: 'BADKEY', tsigError: 17 });
    const wrong = ask({ key: { ...key, secret: new Secret('t', 'b3RoZXI=') } }).answer as Buffer;
    expect(verifyMessage(wrong, [key], { nowMs })).toMatchObject({ error: 'BADSIG', tsigError: 16 });
  });

  it('of another time is NOTAUTH with BADTIME, signed', () => {
    const { answer, mac } = ask({ at: nowMs - 3_600_000 });
    const at = nowMs - 3_600_000;
    expect(verifyMessage(answer as Buffer, [key], { nowMs: at, requestMac: mac })).toMatchObject({
      ok: true,
      tsigError: 18,
    });
  });

  it('for a transfer is allowed over TCP, of our zones only; IXFR over UDP gets the SOA', () => {
    expect(ask({ type: 'AXFR', transport: 'tcp' }).answer).toMatchObject({ query: { type: 252 }, key });
    expect(
      rcodeName(read(ask({ type: 'AXFR', transport: 'tcp', name: 'www.site.example' }).answer).rcode),
    ).toBe('NOTAUTH');
    expect(rcodeName(read(ask({ type: 'AXFR' }).answer).rcode)).toBe('REFUSED');
    expect(read(ask({ type: 'IXFR' }).answer).answers.map(({ type }) => type)).toEqual([6]);
  });
});

describe('a defect of ours', () => {
  it('is SERVFAIL, logged and counted, and no end of the server', () => {
    const logged: unknown[] = [];
    const log = { ...silentLogger, error: (_message: string, fields?: object) => logged.push(fields) };
    const it = new Responder({ keys: [], clock, log });
    const broken = zoneOf(SITE_ZONE);
    it.publish(zonesOf(broken));
    (broken.nodes as Map<string, unknown>).clear();
    expect(rcodeName(read(it.respond(query('x.wild.site.example', 'A'), 'udp')).rcode)).toBe('SERVFAIL');
    expect(it.counts.failed).toBe(1);
    expect(logged).toHaveLength(1);
  });
});

describe('the cache', () => {
  it('keeps what is asked for and stays within its size', () => {
    const cache = new AnswerCache<number>(10);
    cache.set('hot', 1);
    for (let index = 0; index < 1_000; index++) {
      cache.set(`cold${index}`, index);
      expect(cache.get('hot')).toBe(1);
      expect(cache.size).toBeLessThanOrEqual(11);
    }
    expect(cache.get('cold0')).toBeUndefined();
  });
});
