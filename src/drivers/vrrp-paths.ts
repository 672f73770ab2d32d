/** Where things lie on a host that takes part in VRRP. Names of endpoints may be of any script; paths are ASCII. */
import { type EndpointHooks, endpointHooks } from '../site/endpoint-hooks.ts';
import type { EndpointName } from '../site/model.ts';

export interface VrrpPaths extends EndpointHooks {
  /** Included by keepalived.conf. */
  readonly conf: string;
  /** Holds the line with the password, where there is one. */
  readonly password: string;
  readonly tmpfiles: string;
  /** The unit that judges health. */
  readonly unit: string;
  readonly unitFile: string;
}

export const KEEPALIVED_CONF = '/etc/keepalived/keepalived.conf';
export const KEEPALIVED_INCLUDES = '/etc/keepalived/holdfast.d';
/** systemd adds it to keepalived's own unit. */
export const KEEPALIVED_DROP_IN = '/etc/systemd/system/keepalived.service.d/holdfast.conf';

/** The paths of one endpoint; the same on each of its hosts. */
export function vrrpPaths(endpoint: EndpointName): VrrpPaths {
  const hooks = endpointHooks(endpoint);
  const { slug } = hooks;
  const unit = `holdfast-vip-${slug}.service`;
  return {
    ...hooks,
    conf: `${KEEPALIVED_INCLUDES}/${slug}.conf`,
    password: `${KEEPALIVED_INCLUDES}/${slug}.password`,
    tmpfiles: `/etc/tmpfiles.d/holdfast-vip-${slug}.conf`,
    unit,
    unitFile: `/etc/systemd/system/${unit}`,
  };
}
