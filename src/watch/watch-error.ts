import { type ErrorOptions, HoldfastError } from '../base/errors.ts';

export type WatchErrorCode =
  | 'watch/already-running'
  | 'watch/state-corrupt'
  | 'watch/no-probes'
  | 'watch/no-endpoint'
  | 'watch/frozen'
  | 'watch/stopping'
  | 'watch/control-path'
  | 'watch/control-listen'
  | 'watch/control-refused'
  | 'watch/control-broken'
  | 'watch/control-silent';

/** The watcher could not start, or could not be reached. */
export class WatchError extends HoldfastError {
  declare readonly code: WatchErrorCode;

  constructor(o: ErrorOptions & { readonly code: WatchErrorCode }) {
    super(o);
  }
}
