/** From an answer to one atomic UPDATE (RFC 2136) that the server itself refuses where somebody was faster. */
import { isIP } from 'node:net';
import type { Evidence } from '../../base/evidence.ts';
import { DnsError } from '../../dns/error.ts';
import type { TsigKey } from '../../dns/tsig.ts';
import { sendUpdate } from '../../dns/update.ts';
import type { Change, Prerequisite } from '../../dns/update-message.ts';
import type { Endpoint } from '../../site/model.ts';
import { addressRecords, dnsNameOf, membersAt } from '../answer.ts';
import {
  askName,
  type DnsServer,
  isServed,
  type NameAnswer,
  ttlSecondsOf,
  type WantedName,
  waitUntilServed,
} from '../ask.ts';
import type { Answer, DriverContext, Published } from '../driver.ts';
import { DriverError } from '../driver-error.ts';
import { epochOwner, formatMark, markOf, parseMark, refuseOlder } from '../epoch.ts';
import { hasPointer, type Pointer, pointersIn, waitForPointers } from '../pointers.ts';
import { DnsUpdateError } from './error.ts';
import type { DnsUpdateConfig } from './schema.ts';

/** How often it is looked and tried again after a lost race. */
const ATTEMPTS = 3;
const UPDATE_TIMEOUT_MS = 5_000;

interface Work {
  readonly ctx: DriverContext;
  readonly endpoint: Endpoint<DnsUpdateConfig>;
  readonly server: DnsServer;
  readonly name: string;
  readonly key: TsigKey;
}

/**
 * Publishes: addresses and epoch in one update, whose prerequisite is the epoch and the addresses as they were read.
 * Of two controllers the server lets one win; the other reads again and is refused if its epoch is the older. PTR
 * records follow in an update for each reverse zone.
 *
 * @throws DriverError `driver/…`, `dns-update/lost-race`; DnsError `dns/update-refused`, `dns/timeout`, …
 */
export async function publishByUpdate(
  ctx: DriverContext,
  endpoint: Endpoint<DnsUpdateConfig>,
  answer: Answer,
): Promise<Published> {
  const { config } = endpoint.driver;
  const records = addressRecords(endpoint, answer);
  const wanted = { records, ttlSeconds: ttlSecondsOf(answer.ttlMs), mark: markOf(answer, records) };
  const key = { ...config.key, secret: await ctx.secret(config.key.secret) };
  const work: Work = { ctx, endpoint, server: serverOf(ctx, endpoint), name: dnsNameOf(endpoint), key };
  const forward = await updateName(work, wanted);
  let changed = forward.changed;
  for (const zone of config.reverse) {
    if (await updatePointers(work, zone, wanted)) changed = true;
  }
  return { changed, evidence: forward.evidence };
}

/** Where the primary is asked and told. @throws DriverError `driver/unknown-server` */
export function serverOf(ctx: DriverContext, endpoint: Endpoint<DnsUpdateConfig>): DnsServer {
  const { server, port } = endpoint.driver.config;
  const address = ctx.site.hosts.get(server)?.address ?? server;
  if (isIP(address) !== 0) return { address, port };
  throw new DriverError({
    code: 'driver/unknown-server',
    message: `endpoint ${endpoint.name}: the DNS server has no address`,
    expected: 'a host of the site file that has an IP address, or an IP address',
    got: address,
    hint: 'A DNS server cannot be found through DNS: name its IP address.',
  });
}

async function updateName(work: Work, wanted: WantedName): Promise<Published> {
  const { ctx, server, name } = work;
  for (let attempt = 1; ; attempt++) {
    const before = await askName(ctx, server, name);
    refuseOlder(work.endpoint, before.mark, wanted.mark);
    refuseForeign(work, before);
    if (isServed(before, wanted)) return { changed: false, evidence: before.evidence };
    if (await tryUpdate(work, changesOf(name, before, wanted), asRead(name, before))) {
      return { changed: true, evidence: await settle(work, wanted) };
    }
    if (attempt === ATTEMPTS) throw lostRace(work, before);
  }
}

function settle({ ctx, endpoint, server }: Work, wanted: WantedName): Promise<Evidence> {
  return waitUntilServed(ctx, server, endpoint, wanted, endpoint.driver.config.settle);
}

/** @returns false where a prerequisite did not hold */
async function tryUpdate(
  work: Work,
  changes: readonly Change[],
  prerequisites: readonly Prerequisite[],
  zone = work.endpoint.driver.config.zone,
): Promise<boolean> {
  const { ctx, server, key } = work;
  const { clock, signal, random } = ctx;
  const update = { zone, prerequisites, changes };
  const to = { server: server.address, port: server.port, key, timeoutMs: UPDATE_TIMEOUT_MS };
  try {
    await sendUpdate({ ...update, ...to, clock, signal, random });
    return true;
  } catch (error) {
    if (error instanceof DnsError && error.code === 'dns/update-lost-race') return false;
    throw error;
  }
}

/** Everything about the name is still as it was read: nobody has published or edited since. */
function asRead(name: string, before: NameAnswer): Prerequisite[] {
  const equals = (owner: string, type: string, data: readonly string[]): Prerequisite =>
    data.length === 0
      ? { kind: 'rrset-absent', name: owner, type }
      : { kind: 'rrset-equals', name: owner, type, data };
  return [
    equals(epochOwner(name), 'TXT', before.markData),
    equals(
      name,
      'A',
      before.addresses.filter((address) => !address.includes(':')),
    ),
    equals(
      name,
      'AAAA',
      before.addresses.filter((address) => address.includes(':')),
    ),
  ];
}

function changesOf(name: string, before: NameAnswer, wanted: WantedName): Change[] {
  const markOwner = epochOwner(name);
  const ours = before.markData.filter((data) => parseMark(data) !== undefined);
  return [
    { kind: 'delete-rrset', name, type: 'A' },
    { kind: 'delete-rrset', name, type: 'AAAA' },
    ...wanted.records.map(
      ({ type, address }): Change => ({ kind: 'add', name, ttl: wanted.ttlSeconds, type, data: address }),
    ),
    ...ours.map((data): Change => ({ kind: 'delete-record', name: markOwner, type: 'TXT', data })),
    { kind: 'add', name: markOwner, ttl: 0, type: 'TXT', data: `"${formatMark(wanted.mark)}"` },
  ];
}

/** @returns whether anything had to be changed */
async function updatePointers(work: Work, zone: string, wanted: WantedName): Promise<boolean> {
  const { ctx, endpoint, server, name } = work;
  const pointers = pointersIn(endpoint, zone, wanted.records);
  const isSet = await Promise.all(pointers.map(({ owner }) => hasPointer(ctx, server, owner, name)));
  const wrong = pointers.filter(({ isPresent }, index) => isSet[index] !== isPresent);
  if (wrong.length === 0) return false;
  await tryUpdate(
    work,
    wrong.map((pointer) => pointerChange(pointer, name, wanted.ttlSeconds)),
    [],
    zone,
  );
  await waitForPointers(ctx, server, name, wrong, endpoint.driver.config.settle);
  return true;
}

function pointerChange({ owner, isPresent }: Pointer, name: string, ttl: number): Change {
  const record = { name: owner, type: 'PTR', data: `${name}.` };
  return isPresent ? { kind: 'add', ttl, ...record } : { kind: 'delete-record', ...record };
}

/** A record that is not ours and points at no member belongs to somebody. */
function refuseForeign({ endpoint, name }: Work, before: NameAnswer): void {
  const { strangers } = membersAt(endpoint, before.addresses);
  const isTaken = before.mark === undefined && strangers.length > 0 && !endpoint.driver.config.adopt;
  if (before.alias === undefined && !isTaken) return;
  throw new DriverError({
    code: 'driver/foreign-record',
    message: `${name} has records that Holdfast did not make`,
    expected: 'none, or addresses of members',
    got: before.alias === undefined ? strangers.join(', ') : `an alias to ${before.alias}`,
    hint:
      before.alias === undefined
        ? 'Delete them on the server, or set `adopt: true` for the driver to take them over.'
        : 'Delete the CNAME record on the server: beside it no address may stand (RFC 1034 section 3.6.2).',
  });
}

function lostRace({ endpoint }: Work, before: NameAnswer): DnsUpdateError {
  return new DnsUpdateError({
    code: 'dns-update/lost-race',
    message: `endpoint ${endpoint.name}: somebody else keeps changing its records`,
    expected: `${before.evidence.got}, as read a moment ago`,
    got: `something else, ${ATTEMPTS} times`,
    hint: 'Look who updates the name: another controller, DHCP, a person with nsupdate.',
    retryable: true,
  });
}
