/** One virtual router: who takes part in it, how, and in which order. Pure. */
import { isIPv6 } from 'node:net';
import { ask, type FactQuery, type Facts } from '../hosts/fact.ts';
import { addresses } from '../hosts/facts/addresses.ts';
import { bridges } from '../hosts/facts/bridges.ts';
import type { Endpoint, HostName, Site } from '../site/model.ts';
import type { SecretRef } from '../site/secret-ref.ts';
import { routerIdOf } from './vrrp-router-id.ts';
import { pace, type VrrpSettings } from './vrrp-schema.ts';
import { type Place, placeFor } from './vrrp-subnet.ts';

/** A host that takes part. */
export interface VrrpHost extends Place {
  readonly host: HostName;
  /** Before health and wish count. */
  readonly priority: number;
}

export interface VrrpGroup {
  readonly endpoint: Endpoint;
  /** The first decides the family of VRRP; those of the other family move along. */
  readonly addresses: readonly string[];
  readonly routerId: number;
  readonly version: 2 | 3;
  readonly advertMs: number;
  readonly multicast: boolean;
  readonly password?: SecretRef;
  /** In order of preference. */
  readonly hosts: readonly VrrpHost[];
}

/** Added to the priority of the member that is wished for: more than the whole range of the others. */
export const WISH_WEIGHT = 100;
const HIGHEST_PRIORITY = 150;
const LOWEST_PRIORITY = 50;

/** What of the hosts has to be known. */
export function groupFacts(hosts: readonly HostName[]): FactQuery[] {
  return hosts.flatMap((host) => [
    ask(host, addresses, undefined) as unknown as FactQuery,
    ask(host, bridges, undefined) as unknown as FactQuery,
  ]);
}

/**
 * The group of an endpoint; undefined while the addresses of some host are not known.
 * @throws KeepalivedError where a host has no place for an address
 */
export function groupOf(
  site: Site,
  endpoint: Endpoint<VrrpSettings>,
  hosts: readonly HostName[],
  facts: Facts,
): VrrpGroup | undefined {
  const { config } = endpoint.driver;
  const [vip = ''] = endpoint.addresses;
  const members: VrrpHost[] = [];
  for (const [index, host] of hosts.entries()) {
    const found = facts.get(ask(host, addresses, undefined));
    if (found === undefined) return undefined;
    const place = placeFor({
      host,
      vip,
      found,
      bridges: facts.get(ask(host, bridges, undefined)) ?? [],
      preferred: endpoint.members.find((member) => member.host === host)?.address ?? '',
      interface: config.interface,
      vips: [...site.endpoints.values()].flatMap((one) => one.addresses),
    });
    members.push({ ...place, host, priority: priorityOf(index, hosts.length) });
  }
  return {
    endpoint,
    addresses: endpoint.addresses,
    routerId: routerIdOf(site, endpoint),
    ...pace(config),
    multicast: config.multicast,
    ...(config.password === undefined ? {} : { password: config.password }),
    hosts: members,
  };
}

/** Descending and never equal: of equals the higher address would win, which nobody has chosen. */
export function priorityOf(index: number, count: number): number {
  const step = Math.max(1, Math.min(10, Math.floor((HIGHEST_PRIORITY - LOWEST_PRIORITY) / count)));
  return HIGHEST_PRIORITY - index * step;
}

/** Whether the group speaks IPv6. */
export function isSix(group: VrrpGroup): boolean {
  return isIPv6(group.addresses[0] ?? '');
}
