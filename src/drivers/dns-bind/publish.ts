/** From an answer to a zone file that BIND serves, or back to where it was. */

import type { Evidence } from '../../base/evidence.ts';
import { isNewerSerial } from '../../dns/serial.ts';
import type { Endpoint } from '../../site/model.ts';
import { addressRecords, dnsNameOf } from '../answer.ts';
import { ask, type DnsServer, ttlSecondsOf } from '../ask.ts';
import type { Answer, DriverContext, Published } from '../driver.ts';
import { DriverError } from '../driver-error.ts';
import { markOf } from '../epoch.ts';
import { BindHost, type FoundZone, type ZonePlace } from './bind-host.ts';
import { DnsBindError } from './error.ts';
import { restore } from './restore.ts';
import type { DnsBindConfig } from './schema.ts';
import { forwardChange, reverseChange, type ZoneChange } from './zone-change.ts';
import { type EditedZone, editZone } from './zone-edit.ts';

/** How often the whole is begun anew where somebody else changes the file meanwhile. */
const ATTEMPTS = 3;

interface Work {
  readonly ctx: DriverContext;
  readonly bind: BindHost;
  readonly server: DnsServer;
  readonly settleMs: number;
}

/**
 * Publishes: the name's zone first, then the reverse zones. Each file is checked before it replaces the old one, and
 * put back where BIND does not come to serve it. After an abort nothing is put back: what lies in the file is checked
 * and decided, and the next call finds it and goes on from there.
 *
 * @throws DnsBindError `dns-bind/…`, `driver/…`; HostError; DnsError
 */
export async function publishToBind(
  ctx: DriverContext,
  endpoint: Endpoint<DnsBindConfig>,
  answer: Answer,
): Promise<Published> {
  const { config } = endpoint.driver;
  const name = dnsNameOf(endpoint);
  const records = addressRecords(endpoint, answer);
  const wanted = { records, ttlSeconds: ttlSecondsOf(answer.ttlMs), mark: markOf(answer, records) };
  const server = serverOf(ctx, endpoint);
  const connection = await ctx.hosts.connect(config.server, ctx.signal);
  const bind = new BindHost(connection, config, ctx.signal, ctx.random);
  const work: Work = { ctx, bind, server, settleMs: config.settle };
  const forward = await publishZone(work, config, forwardChange(endpoint, name, wanted));
  let changed = forward.changed;
  for (const place of config.reverse) {
    const reverse = await publishZone(work, place, reverseChange(endpoint, name, place, wanted));
    changed ||= reverse.changed;
  }
  return { changed, evidence: forward.evidence };
}

/** Where the server is asked. @throws DriverError `driver/unknown-server` */
export function serverOf(ctx: DriverContext, endpoint: Endpoint<DnsBindConfig>): DnsServer {
  const { config } = endpoint.driver;
  const address = config.address ?? ctx.site.hosts.get(config.server)?.address;
  if (address !== undefined) return { address, port: config.port };
  throw new DriverError({
    code: 'driver/unknown-server',
    message: `endpoint ${endpoint.name}: there is no host named ${config.server}`,
    expected: 'a host of the site file',
    got: config.server,
    hint: `Add host ${config.server} to the site file, or correct driver.server.`,
  });
}

async function publishZone(work: Work, place: ZonePlace, change: ZoneChange): Promise<Published> {
  for (let attempt = 1; ; attempt++) {
    const found = await work.bind.find(place);
    change.inspect(found.text);
    const edited = editZone(found.text, place.zone, change.changes, work.ctx.clock.now());
    if (!edited.changed) return republish(work, place, change);
    if (await work.bind.exchange(found, edited.text)) {
      return { changed: true, evidence: await serve(work, found, edited, change) };
    }
    if (attempt === ATTEMPTS) throw lostRace(place);
  }
}

/** The file says it already: an earlier call may have been cut off before BIND read it. */
async function republish(work: Work, place: ZonePlace, change: ZoneChange): Promise<Published> {
  try {
    return { changed: false, evidence: await change.served(work.ctx, work.server, 0) };
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
  }
  await work.bind.reload(place);
  return { changed: true, evidence: await change.served(work.ctx, work.server, work.settleMs) };
}

async function serve(
  work: Work,
  found: FoundZone,
  edited: EditedZone,
  change: ZoneChange,
): Promise<Evidence> {
  const { ctx, bind, server, settleMs } = work;
  try {
    await bind.reload(found.place);
    const evidence = await change.served(ctx, server, settleMs);
    const serial = await servedSerial(ctx, server, found.place);
    if (isNewerSerial(edited.serial, serial)) throw notServed(found.place, edited.serial, serial);
    return { ...evidence, got: `${evidence.got}, serial ${serial}` };
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    const readSerial = (signal: AbortSignal): Promise<number> =>
      servedSerial({ ...ctx, signal }, server, found.place);
    await restore({ clock: ctx.clock, bind, found, edited, because: error, readSerial });
    throw error;
  }
}

async function servedSerial(ctx: DriverContext, server: DnsServer, place: ZonePlace): Promise<number> {
  const { data } = await ask(ctx, server, place.zone, 'SOA');
  return Number(data[0]?.split(' ')[2]);
}

function lostRace(place: ZonePlace): DnsBindError {
  return new DnsBindError({
    code: 'dns-bind/lost-race',
    message: `the zone file of ${place.zone} keeps being changed by somebody else`,
    expected: `${place.zoneFile} as it was read a moment ago`,
    got: `another content, ${ATTEMPTS} times`,
    hint: 'Look who writes the file: another controller, a configuration management, a person with an editor.',
    retryable: true,
  });
}

function notServed(place: ZonePlace, wanted: number, served: number): DnsBindError {
  return new DnsBindError({
    code: 'dns-bind/not-served',
    message: `BIND does not serve the zone ${place.zone} from the file that was written`,
    expected: `serial ${wanted} or newer`,
    got: `serial ${served}`,
    hint: `Check that the zone statement in named.conf names ${place.zoneFile}.`,
  });
}
