/** What gathering pairs needs: both members, and how many requests at once. */
import type { Limit } from '../../../base/limit.ts';
import type { ParitySpec } from '../schema.ts';

export interface Gathering {
  /** For things that are compared; what one of them needs is asked for one after the other. */
  readonly limit: Limit;
  /** For lists of things: a repository's tags wait here until their turn, only names are held meanwhile. */
  readonly lists: Limit;
  readonly depth: ParitySpec['depth'];
  readonly signal: AbortSignal;
}

/** Does `work` for each thing, as many at once as the limit allows; the first failure ends it. */
export async function forEachAtOnce<T, R>(
  things: readonly T[],
  { limit, signal }: Gathering,
  work: (thing: T) => Promise<R>,
): Promise<R[]> {
  return Promise.all(things.map((thing) => limit.run(() => work(thing), signal)));
}
