import type { Endpoint, Site } from '../site/model.ts';
import type { VrrpSettings } from './vrrp-schema.ts';

/** Drivers that spread `vrrpFields`. */
const DRIVERS = new Set(['keepalived', 'haproxy', 'nginx']);

/** Endpoints whose address moves between hosts: those of keepalived, and proxies with an address of their own. */
export function* movingEndpoints(site: Site): Generator<Endpoint<VrrpSettings>> {
  for (const endpoint of site.endpoints.values()) {
    const { kind } = endpoint.driver;
    if (kind !== 'keepalived' && endpoint.addresses.length === 0) continue;
    if (DRIVERS.has(kind)) yield endpoint as Endpoint<VrrpSettings>;
  }
}
