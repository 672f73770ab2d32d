import type { Clock } from './clock.ts';
import type { baseErrors } from './error-codes.ts';
import { HoldfastError } from './errors.ts';
import { abortReason } from './interrupt.ts';

/** Thrown (as a signal's reason) when something took longer than it was given. */
export class DeadlineError extends HoldfastError<keyof typeof baseErrors> {
  constructor(what: string, timeoutMs: number) {
    super({
      code: 'base/deadline',
      message: `${what} took longer than ${timeoutMs} ms`,
      expected: `an end within ${timeoutMs} ms`,
      got: 'no end',
      hint: 'Raise the time limit if the peer is merely slow; otherwise check that it answers at all.',
      retryable: true,
    });
  }
}

/** A scope whose `signal` aborts with its parents or at its deadline, whichever is first; dispose it to free the timer. */
export interface Scope extends Disposable {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
}

/**
 * Opens a scope that ends when `parent` aborts or when `timeoutMs` have passed. The first cause wins and is the
 * one reported (DESIGN §9).
 *
 * @param what named in the DeadlineError, e.g. `the command on host db1`
 */
export function openScope(
  clock: Clock,
  o: { what: string; timeoutMs?: number; parent?: AbortSignal | undefined },
): Scope {
  const controller = new AbortController();
  const abort = (reason: Error): void => {
    if (!controller.signal.aborted) controller.abort(reason);
  };
  const onParent = (): void => abort(abortReason(o.parent as AbortSignal));
  if (o.parent?.aborted) onParent();
  else o.parent?.addEventListener('abort', onParent, { once: true });
  const timeoutMs = o.timeoutMs;
  const cancel =
    timeoutMs === undefined
      ? () => {}
      : clock.after(timeoutMs, () => abort(new DeadlineError(o.what, timeoutMs)));
  return {
    signal: controller.signal,
    abort,
    [Symbol.dispose]() {
      cancel();
      o.parent?.removeEventListener('abort', onParent);
    },
  };
}

/** Settles as `work` does, or rejects with the signal's reason if that comes first. `work` itself is not stopped. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(() => {});
    return Promise.reject(abortReason(signal));
  }
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(abortReason(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
