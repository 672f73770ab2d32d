import { canonicalAddress } from './address.ts';
import type { HostSpec, Site } from './model.ts';

const cache = new WeakMap<Site, ReadonlyMap<string, readonly HostSpec[]>>();

/** Hosts by each of their addresses, in one spelling; made once a site. */
export function hostsByAddress(site: Site): ReadonlyMap<string, readonly HostSpec[]> {
  const known = cache.get(site);
  if (known !== undefined) return known;
  const index = new Map<string, HostSpec[]>();
  for (const host of site.hosts.values()) {
    for (const address of host.addresses) {
      const key = canonicalAddress(address);
      const found = index.get(key);
      if (found === undefined) index.set(key, [host]);
      else found.push(host);
    }
  }
  cache.set(site, index);
  return index;
}

/** The name of the host that has this address, if one has. */
export function hostAt(site: Site, address: string): string | undefined {
  return hostsByAddress(site).get(canonicalAddress(address))?.[0]?.name;
}
