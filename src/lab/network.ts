/**
 * Which addresses the lab has, from what the site says. Pure.
 *
 * One bridge carries all subnets, as one switch would. Its end in the lab's network namespace is the controller and
 * has, in each subnet, the router's address and the addresses on which `holdfast watch --lab` listens.
 */
import type { DnsEmbeddedConfig } from '../drivers/dns-embedded/schema.ts';
import { canonicalAddress, isIpAddress, isLoopback } from '../site/address.ts';
import type { HostName, HostSpec, Site } from '../site/model.ts';
import { LabError } from './lab-error.ts';
import { addressIn, type Subnet, subnetOf } from './subnet.ts';

/** An address with the length of its subnet's prefix. */
export interface NetworkAddress {
  readonly address: string;
  readonly prefixLength: number;
}

export interface HostNetwork {
  readonly host: HostName;
  /** The first is where SSH goes. */
  readonly addresses: readonly NetworkAddress[];
  /** Routers for everything else: one of IPv4, one of IPv6, where the host has such an address. */
  readonly gateways: readonly string[];
}

export interface LabNetwork {
  readonly hosts: readonly HostNetwork[];
  /** Routers first. */
  readonly controller: readonly NetworkAddress[];
}

/** For hosts that have only a name, or an address of this machine's own: RFC 2544, used by no real network. */
const SPARE: Subnet = { beginning: '198.18.0', prefixLength: 24 };

/**
 * Lays out the network of a site.
 * @throws LabError `lab/address-taken` where two hosts claim one address
 */
export function planNetwork(site: Site): LabNetwork {
  const specs = [...site.hosts.values()];
  const claims = specs.map((spec, index) => ({ host: spec.name, addresses: addressesOf(spec, index) }));
  refuseTwice(claims);
  const own = new Set(claims.flatMap(({ addresses }) => addresses));
  const listens = listenAddresses(site).filter((address) => !own.has(address));
  const vips = [...site.endpoints.values()].flatMap(({ addresses }) => addresses.map(canonicalAddress));
  const taken = new Set([...own, ...listens, ...vips]);
  const routers = routersOf(taken);
  const hosts = claims.map(({ host, addresses }) => ({
    host,
    addresses: addresses.map(withPrefix),
    gateways: [24, 64].flatMap((length) => {
      const first = addresses.find((address) => subnetOf(address).prefixLength === length);
      const router = first === undefined ? undefined : routers.get(subnetOf(first).beginning);
      return router === undefined ? [] : [router];
    }),
  }));
  return { hosts, controller: [...routers.values(), ...listens].map(withPrefix) };
}

/** What the site says, where a lab can use it; names and this machine's own addresses are replaced by a spare one. */
function addressesOf(spec: HostSpec, index: number): string[] {
  const usable = spec.addresses.filter((address) => isIpAddress(address) && !isLoopback(address));
  if (usable.length === 0) return [addressIn(SPARE, index + 10)];
  return [...new Set(usable.map(canonicalAddress))];
}

function refuseTwice(claims: readonly { host: HostName; addresses: readonly string[] }[]): void {
  const owners = new Map<string, HostName>();
  for (const { host, addresses } of claims) {
    for (const address of addresses) {
      const other = owners.get(address);
      if (other !== undefined) throw addressTaken(address, other, host);
      owners.set(address, host);
    }
  }
}

function addressTaken(address: string, one: HostName, other: HostName): LabError {
  return new LabError({
    code: 'lab/address-taken',
    where: { host: other },
    message: `it has the address ${address} of host ${one}`,
    expected: 'addresses of its own',
    got: address,
    hint: 'Correct one of the two in the site file.',
  });
}

/** Where the embedded DNS server of the watcher listens: on the controller, which is no host of the site. */
function listenAddresses(site: Site): string[] {
  const addresses = [...site.endpoints.values()].flatMap(({ driver }) =>
    driver.kind === 'dns-embedded'
      ? (driver.config as DnsEmbeddedConfig).listen.map(({ address }) => address)
      : [],
  );
  return [...new Set(addresses.filter((address) => !isLoopback(address)).map(canonicalAddress))];
}

/** In each subnet the first address that nobody has. */
function routersOf(taken: ReadonlySet<string>): Map<string, string> {
  const routers = new Map<string, string>();
  for (const address of taken) {
    const subnet = subnetOf(address);
    if (routers.has(subnet.beginning)) continue;
    const free = [1, 254, ...Array.from({ length: 252 }, (_, index) => 253 - index)]
      .map((n) => addressIn(subnet, n))
      .find((candidate) => !taken.has(candidate));
    if (free !== undefined) routers.set(subnet.beginning, free);
  }
  return routers;
}

function withPrefix(address: string): NetworkAddress {
  return { address, prefixLength: subnetOf(address).prefixLength };
}
