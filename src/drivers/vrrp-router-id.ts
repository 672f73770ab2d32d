/** Which VRRP router id each endpoint of a site has. Pure, and the same on every machine. */
import { createHash } from 'node:crypto';
import type { Endpoint, EndpointName, Site } from '../site/model.ts';
import { movingEndpoints } from './vrrp-endpoints.ts';
import type { VrrpSettings } from './vrrp-schema.ts';

const HIGHEST = 255;

/**
 * The id of an endpoint: the one given, else one made from its name that no other endpoint of the site has. Names in
 * alphabetical order choose first, so that the order in the file does not matter.
 */
export function routerIdOf(site: Site, endpoint: Endpoint): number {
  const own = (endpoint.driver.config as VrrpSettings).routerId;
  if (own !== undefined) return own;
  const taken = new Map<EndpointName, number>();
  const others = [...movingEndpoints(site)];
  for (const { name, driver } of others) {
    const given = driver.config.routerId;
    if (given !== undefined) taken.set(name, given);
  }
  const used = new Set(taken.values());
  for (const { name } of others.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const id = taken.get(name) ?? freeFrom(idFromName(name), used);
    used.add(id);
    if (name === endpoint.name) return id;
  }
  return idFromName(endpoint.name);
}

/** 1 … 255, spread evenly. */
function idFromName(name: string): number {
  return (createHash('sha256').update(name).digest().readUInt32BE(0) % HIGHEST) + 1;
}

/** The id itself or the next one that is free; itself where all are taken, which lint then finds. */
function freeFrom(first: number, used: ReadonlySet<number>): number {
  for (let step = 0; step < HIGHEST; step++) {
    const id = ((first - 1 + step) % HIGHEST) + 1;
    if (!used.has(id)) return id;
  }
  return first;
}
