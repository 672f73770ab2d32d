import type { Endpoint, Site } from '../site/model.ts';

/** The endpoints of one driver; their configuration has been parsed by that driver's schema. */
export function* endpointsOf<C>(site: Site, driver: string): Generator<Endpoint<C>> {
  for (const endpoint of site.endpoints.values()) {
    if (endpoint.driver.kind === driver) yield endpoint as Endpoint<C>;
  }
}
