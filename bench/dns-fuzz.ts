/**
 * A million malformed packets through the server's own handler: none may throw, hang, go unanswered without reason,
 * or make it grow. `node bench/dns-fuzz.ts [packets] [seed]`
 */
import { SystemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/log.ts';
import { Secret } from '../src/base/secret.ts';
import { Responder } from '../src/dns/responder.ts';
import { fuzzPackets, judgeAnswer } from '../test/dns/fuzz.ts';
import { SITE_ZONE, zoneOf, zonesOf } from '../test/dns/site-zone.ts';
import { type BenchRow, formatRows, reachesTarget } from './row.ts';

const PACKETS = 1_000_000;
/** The caches are bounded; this is what they may hold at their fullest, with room for the collector's laziness. */
const MOST_GROWTH_MB = 64;

/** @throws Error with seed and packet where an answer is wrong */
export async function run(
  packets = PACKETS,
  seed = Math.floor(Math.random() * 2 ** 32),
): Promise<BenchRow[]> {
  const key = { name: 'k', algorithm: 'hmac-sha256', secret: new Secret('bench', 'c2VjcmV0') } as const;
  const responder = new Responder({ keys: [key], clock: new SystemClock(), log: silentLogger });
  responder.publish(zonesOf(zoneOf(SITE_ZONE)));
  const before = settledHeapMb();
  let worstMs = 0;
  let count = 0;
  for (const packet of fuzzPackets(seed, key)) {
    const startMs = performance.now();
    const wrong = judgeAnswer(responder, packet, count % 4 === 3 ? 'tcp' : 'udp');
    worstMs = Math.max(worstMs, performance.now() - startMs);
    if (wrong !== undefined)
      throw new Error(`${wrong}: seed ${seed}, packet ${count}: ${packet.toString('hex')}`);
    if (++count >= packets) break;
  }
  const { failed, dropped } = responder.counts;
  return [
    { name: 'malformed DNS packets handled', value: count, unit: 'packets', target: `>= ${packets}` },
    { name: '  of them not worth an answer', value: dropped, unit: 'packets' },
    { name: '  failures inside', value: failed, unit: 'packets', target: '<= 0' },
    { name: '  slowest packet, collector included', value: worstMs, unit: 'ms' },
    { name: '  heap grown by', value: settledHeapMb() - before, unit: 'MB', target: `< ${MOST_GROWTH_MB}` },
  ];
}

function settledHeapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

if (process.argv[1] === import.meta.filename) {
  const [packets, seed] = process.argv.slice(2).map(Number);
  const rows = await run(packets, seed);
  console.log(formatRows(rows));
  if (!rows.every(reachesTarget)) process.exitCode = 1;
}
