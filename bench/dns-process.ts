/**
 * A server process for dns-qps.ts: `node dns-process.ts <holdfast|echo|echo-fast> <port>`. Says `ready` once it listens.
 *
 * The echoes are the bare minimum in node:dgram: they send one ready packet of the size of the real answer, with the
 * ID of the query. `echo` as anybody would write it; `echo-fast` without the detour through the resolver, as our
 * server does it.
 */
import { createSocket } from 'node:dgram';
import { SystemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/log.ts';
import { Responder } from '../src/dns/responder.ts';
import { startDnsServer } from '../src/dns/server.ts';
import { query } from '../test/dns/raw.ts';
import { zoneOf, zonesOf } from '../test/dns/site-zone.ts';
import { BENCH_NAME, BENCH_ORIGIN, BENCH_ZONE } from './dns-zone.ts';

const [kind, portText] = process.argv.slice(2);
const port = Number(portText);
const clock = new SystemClock();
const zone = zoneOf(BENCH_ZONE, BENCH_ORIGIN);

async function startHoldfast(): Promise<void> {
  const about = { clock, log: silentLogger, random: Math.random, reusePort: true };
  await startDnsServer({ ...about, listen: [{ address: '127.0.0.1', port }], zones: [zone] });
}

function startEcho(isFast: boolean): Promise<void> {
  const responder = new Responder({ keys: [], clock, log: silentLogger });
  responder.publish(zonesOf(zone));
  const ready = responder.respond(query(BENCH_NAME, 'A'), 'udp') as Buffer;
  const socket = isFast
    ? createSocket({ type: 'udp4', lookup: (address, _family, callback) => callback(null, address, 4) })
    : createSocket('udp4');
  socket.on('message', (packet, from) => {
    const answer = Buffer.from(ready);
    answer[0] = packet[0] as number;
    answer[1] = packet[1] as number;
    socket.send(answer, from.port, from.address);
  });
  return new Promise((resolve) => socket.bind(port, '127.0.0.1', resolve));
}

await (kind === 'holdfast' ? startHoldfast() : startEcho(kind === 'echo-fast'));
process.send?.('ready');
