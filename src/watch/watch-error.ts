import { HoldfastError } from '../base/errors.ts';
import type { watchErrors } from './error-codes.ts';

export type WatchErrorCode = keyof typeof watchErrors;

/** The watcher could not start, or could not be reached. */
export class WatchError extends HoldfastError<WatchErrorCode> {}
