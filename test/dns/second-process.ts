/** For tests: a server of its own process on the port given, whose answer differs. */
import { SystemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { startDnsServer } from '../../src/dns/server.ts';
import { SITE_ZONE, zoneOf } from './site-zone.ts';

await startDnsServer({
  listen: [{ address: '127.0.0.1', port: Number(process.argv[2]) }],
  zones: [zoneOf(SITE_ZONE.replace('192.0.2.193', '198.51.100.1'))],
  reusePort: true,
  clock: new SystemClock(),
  log: silentLogger,
  random: Math.random,
});
process.send?.('ready');
