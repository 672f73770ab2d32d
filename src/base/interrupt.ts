import type { baseErrors } from './error-codes.ts';
import { HoldfastError } from './errors.ts';

/** Thrown (as a signal's reason) when a person or a caller stopped the work. */
export class InterruptedError extends HoldfastError<keyof typeof baseErrors> {
  constructor(message = 'interrupted') {
    super({
      code: 'base/interrupted',
      message,
      hint: 'Run the command again, or `holdfast runs` to see what was done.',
    });
  }
}

/** What a signal was aborted with, always an Error. */
export function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new InterruptedError(String(signal.reason));
}

/** Throws the signal's reason if it has aborted. */
export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted) throw abortReason(signal);
}
