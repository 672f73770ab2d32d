/** Where things lie on a host that takes part in VRRP. Names of endpoints may be of any script; paths are ASCII. */
import { digestBytes } from '../base/digest.ts';
import type { EndpointName } from '../site/model.ts';

export interface VrrpPaths {
  /** The endpoint's name as files, units and keepalived have it. */
  readonly slug: string;
  /** Scripts, and `notify.d` and `check.d` for what others hook in. */
  readonly etc: string;
  /** Lost with a reboot: health, the request to step aside, the last state. */
  readonly run: string;
  /** Kept over a reboot: which answer was published last, and who is wished for. */
  readonly state: string;
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
  const slug = slugOf(endpoint);
  const unit = `holdfast-vip-${slug}.service`;
  return {
    slug,
    etc: `/etc/holdfast/vip/${slug}`,
    run: `/run/holdfast/vip/${slug}`,
    state: `/var/lib/holdfast/vip/${slug}`,
    conf: `${KEEPALIVED_INCLUDES}/${slug}.conf`,
    password: `${KEEPALIVED_INCLUDES}/${slug}.password`,
    tmpfiles: `/etc/tmpfiles.d/holdfast-vip-${slug}.conf`,
    unit,
    unitFile: `/etc/systemd/system/${unit}`,
  };
}

/** The name itself where it is plain, otherwise a short digest of it. */
export function slugOf(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,40}$/.test(name)) return name;
  return `e-${digestBytes(name).slice('sha256:'.length, 'sha256:'.length + 10)}`;
}
