/** A client that resolves and downloads all the time, as a node that pulls images does. */
import { openScope, orAborted } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Sample } from './outage.ts';

export interface Resolved {
  readonly addresses: readonly string[];
  readonly ttlMs: number;
}

export interface ClientOptions {
  readonly clock: Clock;
  /** Asks the DNS; its answer is kept for its TTL, as a caching resolver would. */
  resolve(signal: AbortSignal): Promise<Resolved>;
  /** Downloads from an address and checks what came. @throws where it is not served, or not what it should be */
  fetch(address: string, signal: AbortSignal): Promise<void>;
  /** Addresses that may be answered; any other is a wrong answer. */
  readonly members: ReadonlySet<string>;
  /** From the start of one request to the start of the next, unless it takes longer. */
  readonly periodMs: number;
  /** For one request, name resolution included. */
  readonly timeoutMs: number;
  onSample(sample: Sample): void;
}

/** Requests until `signal` aborts; each request gives one sample. Never rejects for a request that fails. */
export async function runClient(o: ClientOptions, signal: AbortSignal): Promise<void> {
  let cached: { resolved: Resolved; untilMs: number } | undefined;
  while (!signal.aborted) {
    const startedMs = o.clock.monotonicMs();
    using scope = openScope(o.clock, { what: 'the request', timeoutMs: o.timeoutMs, parent: signal });
    let address: string | undefined;
    let wrongAnswer = false;
    let error: string | undefined;
    try {
      if (cached === undefined || cached.untilMs <= startedMs) {
        const resolved = await orAborted(o.resolve(scope.signal), scope.signal);
        cached = { resolved, untilMs: startedMs + resolved.ttlMs };
      }
      address = cached.resolved.addresses[0];
      wrongAnswer = address === undefined || cached.resolved.addresses.some((one) => !o.members.has(one));
      if (address === undefined) throw new Error('the name resolved to no address');
      await orAborted(o.fetch(address, scope.signal), scope.signal);
    } catch (thrown) {
      error = messageOf(thrown);
    }
    if (signal.aborted) return;
    const endedMs = o.clock.monotonicMs();
    o.onSample({
      startedMs,
      endedMs,
      ok: error === undefined,
      wrongAnswer,
      ...(address === undefined ? {} : { address }),
      ...(error === undefined ? {} : { error }),
    });
    await o.clock.sleep(Math.max(1, startedMs + o.periodMs - endedMs), signal).catch(() => {});
  }
}
