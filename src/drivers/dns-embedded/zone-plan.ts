/** Which zones the endpoints of one watcher make up together, before anything is answered. Pure. */
import { canonicalJson } from '../../base/digest.ts';
import type { Endpoint } from '../../site/model.ts';
import { dnsNameOf } from '../answer.ts';
import { DnsEmbeddedError } from './error.ts';
import type { DnsEmbeddedConfig, NameServer } from './schema.ts';

/** What a zone says of itself. Times in milliseconds. */
export interface ZoneSettings {
  readonly nameServers: readonly NameServer[];
  readonly hostmaster: string;
  readonly negativeTtl: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  /** A zone file with more records. */
  readonly file: string | undefined;
}

export interface ZonePlan {
  readonly zone: string;
  readonly settings: ZoneSettings;
  /** Whose names lie in it. */
  readonly forward: readonly Endpoint<DnsEmbeddedConfig>[];
  /** Whose PTR records lie in it. */
  readonly reverse: readonly Endpoint<DnsEmbeddedConfig>[];
}

/** The zone that an endpoint's name is kept in. */
export function zoneOf(endpoint: Endpoint<DnsEmbeddedConfig>): string {
  return endpoint.driver.config.zone ?? dnsNameOf(endpoint);
}

/**
 * The name servers of a zone. Wildcards are no addresses that could stand in a record.
 */
export function nameServersOf(config: DnsEmbeddedConfig, zone: string): readonly NameServer[] {
  if (config.nameServers !== undefined && config.nameServers.length > 0) return config.nameServers;
  const addresses = config.listen.map(({ address }) => address);
  const concrete = addresses.filter((address) => address !== '0.0.0.0' && address !== '::');
  return [{ name: `ns.${zone}`, addresses: [...new Set(concrete)] }];
}

/**
 * All zones of all endpoints, each once.
 * @throws DnsEmbeddedError `dns-embedded/zone-conflict` where two endpoints say different things of one zone
 */
export function planZones(endpoints: readonly Endpoint<DnsEmbeddedConfig>[]): ZonePlan[] {
  const plans = new Map<string, ZonePlan>();
  const note = (endpoint: Endpoint<DnsEmbeddedConfig>, zone: string, part: Partial<ZonePlan>): void => {
    const settings = settingsOf(endpoint, zone);
    const known = plans.get(zone) ?? { zone, settings, forward: [], reverse: [] };
    if (canonicalJson(known.settings) !== canonicalJson(settings)) throw conflict(zone, known, endpoint);
    plans.set(zone, {
      ...known,
      forward: [...known.forward, ...(part.forward ?? [])],
      reverse: [...known.reverse, ...(part.reverse ?? [])],
    });
  };
  for (const endpoint of endpoints) {
    const { reverse, zoneFiles } = endpoint.driver.config;
    note(endpoint, zoneOf(endpoint), { forward: [endpoint] });
    for (const zone of reverse) note(endpoint, zone, { reverse: [endpoint] });
    for (const zone of Object.keys(zoneFiles)) note(endpoint, fold(zone), {});
  }
  return [...plans.values()];
}

function settingsOf(endpoint: Endpoint<DnsEmbeddedConfig>, zone: string): ZoneSettings {
  const { config } = endpoint.driver;
  const own = zoneOf(endpoint);
  const { negativeTtl, refresh, retry, expire } = config;
  const file = Object.entries(config.zoneFiles).find(([name]) => fold(name) === zone)?.[1];
  return {
    nameServers: nameServersOf(config, own),
    hostmaster: config.hostmaster ?? `hostmaster.${own}`,
    negativeTtl,
    refresh,
    retry,
    expire,
    file,
  };
}

function fold(zone: string): string {
  return zone.toLowerCase().replace(/\.$/, '');
}

function conflict(zone: string, known: ZonePlan, endpoint: Endpoint): DnsEmbeddedError {
  const first = [...known.forward, ...known.reverse][0]?.name ?? 'another endpoint';
  return new DnsEmbeddedError({
    code: 'dns-embedded/zone-conflict',
    message: `endpoints ${first} and ${endpoint.name} say different things of the zone ${zone}`,
    expected: 'the same name servers, times and zone file in both',
    got: 'different ones',
    hint: 'Write the settings once and refer to them by a YAML anchor (`driver: &dns …`, `driver: *dns`).',
  });
}
