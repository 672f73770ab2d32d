/** Where a proxy of Holdfast lies on its host: an instance of its own, beside whatever else the host runs. */

import { slugOf } from '../site/endpoint-hooks.ts';
import type { EndpointName } from '../site/model.ts';

export interface ProxyPaths {
  readonly slug: string;
  readonly etc: string;
  readonly run: string;
  readonly state: string;
  readonly tmpfiles: string;
  readonly unit: string;
  readonly unitFile: string;
  readonly pid: string;
}

/** The paths of one endpoint's proxy; the same on each of its hosts. */
export function proxyPaths(endpoint: EndpointName): ProxyPaths {
  const slug = slugOf(endpoint);
  const unit = `holdfast-proxy-${slug}.service`;
  const run = `/run/holdfast/proxy/${slug}`;
  return {
    slug,
    etc: `/etc/holdfast/proxy/${slug}`,
    run,
    state: `/var/lib/holdfast/proxy/${slug}`,
    tmpfiles: `/etc/tmpfiles.d/holdfast-proxy-${slug}.conf`,
    unit,
    unitFile: `/etc/systemd/system/${unit}`,
    pid: `${run}/pid`,
  };
}
