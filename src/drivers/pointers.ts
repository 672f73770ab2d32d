/** PTR records that follow an answer: forward and reverse say the same, or lookups of logs and Kerberos go astray. */
import type { Evidence } from '../base/evidence.ts';
import { reverseName } from '../dns/resolve.ts';
import type { Endpoint } from '../site/model.ts';
import { type AddressRecord, addressRecord } from './answer.ts';
import { ask, type DnsServer } from './ask.ts';
import type { DriverContext } from './driver.ts';
import { DriverError } from './driver-error.ts';
import { isInZone } from './zone-field.ts';

/** Whether the PTR record from `owner` to the endpoint's name shall be there. */
export interface Pointer {
  /** `193.2.0.192.in-addr.arpa.` */
  readonly owner: string;
  readonly isPresent: boolean;
}

/** The PTR records of all members whose address lies in the zone: there for those that are answered, gone for the others. */
export function pointersIn(endpoint: Endpoint, zone: string, answered: readonly AddressRecord[]): Pointer[] {
  const present = new Set(answered.map((record) => record.address));
  return endpoint.members
    .map((member) => addressRecord(endpoint, member).address)
    .map((address) => ({ owner: reverseName(address), isPresent: present.has(address) }))
    .filter(({ owner }) => isInZone(owner, zone));
}

/** Whether the server gives a PTR record from `owner` to `name`. */
export async function hasPointer(
  ctx: DriverContext,
  server: DnsServer,
  owner: string,
  name: string,
): Promise<boolean> {
  const { data } = await ask(ctx, server, owner, 'PTR');
  return data.some((target) => target.toLowerCase() === `${name}.`);
}

/**
 * Asks until all of them are as they shall be.
 * @throws DriverError `driver/not-visible` after `timeoutMs`
 */
export async function waitForPointers(
  ctx: DriverContext,
  server: DnsServer,
  name: string,
  pointers: readonly Pointer[],
  timeoutMs: number,
): Promise<Evidence> {
  const at = ctx.clock.now();
  const startMs = ctx.clock.monotonicMs();
  for (const { owner, isPresent } of pointers) {
    for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 500)) {
      if ((await hasPointer(ctx, server, owner, name)) === isPresent) break;
      if (ctx.clock.monotonicMs() - startMs >= timeoutMs) throw notAsPublished(owner, name, isPresent);
      await ctx.clock.sleep(pauseMs, ctx.signal);
    }
  }
  const tookMs = ctx.clock.monotonicMs() - startMs;
  return { asked: `PTR of ${pointers.length} members`, got: 'as published', at, tookMs };
}

function notAsPublished(owner: string, name: string, isPresent: boolean): DriverError {
  return new DriverError({
    code: 'driver/not-visible',
    message: `the PTR records of ${owner} are not as published`,
    expected: `${isPresent ? 'a' : 'no'} PTR record to ${name}`,
    got: isPresent ? 'none' : 'one',
    hint: 'See the log of the server: it may not have loaded the change, or serve the zone from elsewhere.',
    retryable: true,
  });
}
