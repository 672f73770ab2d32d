/**
 * Where, on the hosts of an endpoint whose address moves between them, a stack hooks in: the paths that the drivers lay
 * out and a stack's own scripts use. Drivers and stacks do not know each other; both know the site.
 *
 * - `notify.d/*` is run with STATE (MASTER, BACKUP, FAULT, STOP) and the slug after each change; `run/state` says it.
 * - `check.d/*` is run at the endpoint's interval; each must end well for the host to count as well. NEVER_HERE says more.
 * - `aside.d/*` is run before the owner gives the address up on purpose; where one fails it keeps it.
 * - `state/wish` is added to the host's VRRP priority.
 */
import { digestBytes } from '../base/digest.ts';
import type { EndpointName } from './names.ts';

export interface EndpointHooks {
  /** The endpoint's name as files, units and keepalived have it. */
  readonly slug: string;
  /** Scripts, and the folders for what others hook in. */
  readonly etc: string;
  /** Lost with a reboot: health, the request to step aside, the last state. */
  readonly run: string;
  /** Kept over a reboot: which answer was published last, and who is wished for. */
  readonly state: string;
}

/** Exit code of a hook in `check.d`: the address may not be here, though no other member is well. */
export const NEVER_HERE = 3;

/** The paths of one endpoint; the same on each of its hosts. */
export function endpointHooks(endpoint: EndpointName): EndpointHooks {
  const slug = slugOf(endpoint);
  return {
    slug,
    etc: `/etc/holdfast/vip/${slug}`,
    run: `/run/holdfast/vip/${slug}`,
    state: `/var/lib/holdfast/vip/${slug}`,
  };
}

/** The name itself where it is plain, otherwise a short digest of it: names may be of any script, paths are ASCII. */
export function slugOf(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,40}$/.test(name)) return name;
  return `e-${digestBytes(name).slice('sha256:'.length, 'sha256:'.length + 10)}`;
}
