import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzzPackets, judgeAnswer } from '../../test/dns/fuzz.ts';
import { SITE_ZONE, zoneOf, zonesOf } from '../../test/dns/site-zone.ts';
import { SystemClock } from '../base/clock.ts';
import { isHoldfastError } from '../base/errors.ts';
import { silentLogger } from '../base/log.ts';
import { Secret } from '../base/secret.ts';
import { FrameReader } from './exchange.ts';
import { parseMessage } from './message.ts';
import { Responder } from './responder.ts';
import { verifyMessage } from './tsig.ts';

const key = { name: 'k', algorithm: 'hmac-sha256', secret: new Secret('t', 'c2VjcmV0') } as const;

describe('malformed packets (a million of them: node bench/dns-fuzz.ts)', () => {
  it('are all answered properly or not at all, and nothing fails inside', () => {
    const responder = new Responder({ keys: [key], clock: new SystemClock(), log: silentLogger });
    responder.publish(zonesOf(zoneOf(SITE_ZONE)));
    const seed = Math.floor(Math.random() * 2 ** 32);
    let count = 0;
    for (const packet of fuzzPackets(seed, key)) {
      const wrong = judgeAnswer(responder, packet, count % 2 === 0 ? 'udp' : 'tcp');
      if (wrong !== undefined)
        expect.fail(`${wrong}: seed ${seed}, packet ${count}: ${packet.toString('hex')}`);
      if (++count === 20_000) break;
    }
    expect(Object.keys(responder.counts.byRcode).length).toBeGreaterThan(4);
  });

  it('make the parsers of our client refuse them with an error of ours, never another', () => {
    let refused = 0;
    let count = 0;
    for (const packet of fuzzPackets(1, key)) {
      try {
        parseMessage(packet);
      } catch (error) {
        if (!isHoldfastError(error)) throw error;
        refused++;
      }
      verifyMessage(packet, [key], { nowMs: 0 });
      if (++count === 10_000) break;
    }
    expect(refused).toBeGreaterThan(1_000);
  });

  it('cut into a stream anyhow, never give a message that was not sent', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 }), (chunks) => {
        const reader = new FrameReader();
        const given = chunks.flatMap((chunk) => reader.push(Buffer.from(chunk)));
        const bytes = given.reduce((sum, message) => sum + message.length + 2, reader.pendingBytes);
        expect(bytes).toBe(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
      }),
    );
  });
});
