import type { Endpoint } from '../site/model.ts';
import type { Lease } from '../store/lease.ts';
import type { DriverWorld } from './driver-target.ts';
import type { ProbeRunner } from './probe-runner.ts';
import type { StateStore } from './state.ts';
import type { WatchEvent } from './watch-event.ts';

/** Everything a watcher needs of the world, passed in. */
export interface WatcherOptions extends DriverWorld, ProbeRunner {
  /** Default: all endpoints of the site. */
  readonly endpoints?: readonly Endpoint[];
  /** For people: `holdfast watch by root`. */
  readonly holder: string;
  /** The number of this process, for `status`. */
  readonly pid: number;
  readonly signal: AbortSignal;
  /** Hears everything from the first moment on; more can `subscribe` later. */
  readonly listener?: (event: WatchEvent) => void;
  /** Default true. False: what a command without a running watcher uses: no services, nothing by itself. */
  readonly automatic?: boolean;
  /** Default: files in the state folder. */
  readonly store?: StateStore;
  /** Default: the lease of the state folder. Tests hold another. */
  readonly lease?: Lease;
}
