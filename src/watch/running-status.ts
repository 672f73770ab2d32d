import type { ErrorRecord } from '../base/errors.ts';
import type { Endpoint } from '../site/model.ts';
import { momentOf } from './moment.ts';
import type { Opened } from './open-endpoints.ts';
import { reasons } from './reasons.ts';
import { type EndpointStatus, statusOfEndpoint, statusOfFrozen, type WatchStatus } from './status.ts';
import type { WatcherOptions } from './watcher-options.ts';

/** The status of a watcher that runs. */
export function runningStatus(
  o: WatcherOptions,
  endpoints: readonly Endpoint[],
  { watches, frozen }: Opened,
  watcher: NonNullable<WatchStatus['watcher']>,
): WatchStatus {
  const at = momentOf(o.clock);
  const lines = endpoints.map((endpoint): EndpointStatus => {
    const watch = watches.get(endpoint.name);
    if (watch === undefined) {
      const error = frozen.get(endpoint.name) as ErrorRecord;
      return statusOfFrozen(endpoint, error, reasons.of('watch/broken-state'));
    }
    const { state, policy, results, published, trouble, unsavedSince } = watch;
    const drift = watch.observed?.drift;
    const extras = { results, published, trouble, unsavedSince, drift };
    return statusOfEndpoint(endpoint, state, policy, at, extras);
  });
  return { site: o.site.name, watcher, at: at.wall, endpoints: lines };
}
