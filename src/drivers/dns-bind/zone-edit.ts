/**
 * The smallest edit of a zone file that changes what it says about one name: comments, layout, order and every other
 * byte stay. Pure. The result is read again, and refused where anything else than asked for would change.
 */
import type { Instant } from '../../base/clock.ts';
import { keyToName, parseName } from '../../dns/name.ts';
import { canonicalAddress } from '../../site/address.ts';
import { DnsBindError } from './error.ts';
import { applyPatches, type Patch } from './patch.ts';
import { type RrsetChange, rrsetPatches } from './rrset-patches.ts';
import { nameKey, readZone, recordIdentity, type ZoneRecord, type ZoneText } from './zone-records.ts';
import { serialAfter } from './zone-serial.ts';

export interface EditedZone {
  readonly text: string;
  readonly changed: boolean;
  /** The serial in `text`. */
  readonly serial: number;
}

/**
 * Makes the changes and raises the serial, or leaves the text as it is where it says all that already.
 * @param text one byte a character
 * @param now for files whose serial is a date
 * @throws DnsBindError `dns-bind/zone-syntax`, `dns-bind/include`, `dns-bind/cname`
 */
export function editZone(
  text: string,
  zone: string,
  changes: readonly RrsetChange[],
  now: Instant,
): EditedZone {
  const before = readZone(text, zone);
  const soa = soaOf(before, zone);
  const patches = changes.flatMap((change) => patchesOf(before, change));
  if (patches.length === 0) return { text, changed: false, serial: soa.serial };
  const serial = serialAfter(soa.serial, now);
  const edited = applyPatches(text, [
    ...patches,
    { start: soa.token.start, end: soa.token.end, replacement: String(serial) },
  ]);
  refuseSideEffects(before, readZone(edited, zone), changes);
  return { text: edited, changed: true, serial };
}

/** The address records of a name, A and AAAA as one set: the two change together or clients see a mixture. */
export function addressChange(
  name: string,
  records: readonly { readonly type: 'A' | 'AAAA'; readonly address: string }[],
  ttlSeconds: number,
): RrsetChange {
  return {
    owner: name,
    isOurs: (record) => record.type === 'A' || record.type === 'AAAA',
    wanted: records.map(({ type, address }) => ({ type, rdata: address })),
    ttlSeconds,
  };
}

/** The TXT record that holds the epoch; other TXT records of that name stay. */
export function epochChange(owner: string, text: string): RrsetChange {
  return {
    owner,
    isOurs: (record) => record.type === 'TXT' && (record.rdata[0]?.text ?? '').startsWith('v=holdfast1'),
    wanted: [{ type: 'TXT', rdata: `"${text}"` }],
    ttlSeconds: 0,
  };
}

/** The PTR record from a reverse name to `target`, there or not; PTR records to other names stay. */
export function pointerChange(
  owner: string,
  target: string,
  isPresent: boolean,
  ttlSeconds: number,
): RrsetChange {
  const targetKey = parseName(target).key;
  return {
    owner,
    isOurs: (record) =>
      record.type === 'PTR' && nameKey(record.rdata[0]?.text ?? '', record.origin) === targetKey,
    wanted: isPresent ? [{ type: 'PTR', rdata: `${target.replace(/\.$/, '')}.` }] : [],
    ttlSeconds,
  };
}

/** The addresses and the TXT mark that a zone file holds for a name, as they stand. */
export function readName(
  text: string,
  zone: string,
  name: string,
  markOwner: string,
): { addresses: string[]; ttlSeconds: number | undefined; mark: string | undefined; serial: number } {
  const read = readZone(text, zone);
  const of = (owner: string): ZoneRecord[] =>
    read.records.filter((one) => one.owner === parseName(owner).key);
  const addresses = of(name).filter((record) => record.type === 'A' || record.type === 'AAAA');
  return {
    addresses: addresses.map((record) => canonicalAddress(record.rdata[0]?.text ?? '')),
    ttlSeconds: addresses[0]?.ttlSeconds,
    mark: of(markOwner).find((record) => record.type === 'TXT')?.rdata[0]?.text,
    serial: soaOf(read, zone).serial,
  };
}

/** Every owner in a reverse zone file whose PTR records name `target`, absolute. */
export function pointersTo(text: string, zone: string, target: string): string[] {
  const targetKey = parseName(target).key;
  const owners = readZone(text, zone)
    .records.filter((record) => record.type === 'PTR')
    .filter((record) => nameKey(record.rdata[0]?.text ?? '', record.origin) === targetKey)
    .map((record) => keyToName(record.owner).toString());
  return [...new Set(owners)];
}

/** The same text with a serial that follows `above`: old content that secondaries must take again. */
export function renumber(text: string, zone: string, above: number, now: Instant): string {
  const { token } = soaOf(readZone(text, zone), zone);
  return applyPatches(text, [
    { start: token.start, end: token.end, replacement: String(serialAfter(above, now)) },
  ]);
}

function patchesOf(zone: ZoneText, change: RrsetChange): Patch[] {
  const owner = parseName(change.owner).key;
  const atOwner = zone.records.filter((record) => record.owner === owner);
  const alias = atOwner.find((record) => record.type === 'CNAME');
  if (alias !== undefined && change.wanted.length > 0) throw cnameAt(change.owner, alias);
  const isForeign = change.wanted.some((wanted) => wanted.type !== 'TXT');
  if (isForeign && atOwner.length === 0 && zone.hasMore) throw mayBeElsewhere(change.owner);
  return rrsetPatches(zone, change, atOwner);
}

function soaOf(zone: ZoneText, name: string): { token: { start: number; end: number }; serial: number } {
  const soa = zone.records.find((record) => record.type === 'SOA');
  const token = soa?.rdata[2];
  if (token === undefined || !/^\d{1,10}$/.test(token.text) || soa?.owner !== zone.zone.key) {
    throw new DnsBindError({
      code: 'dns-bind/zone-syntax',
      message: `the zone file holds no SOA record of ${name}`,
      expected: `an SOA record at the top of ${name} with its serial as a number`,
      got: soa === undefined ? 'none' : `${soa.rdata.map((one) => one.text).join(' ')}`,
      hint: 'Check that `zone` and `zoneFile` of the driver belong together; a zone in an $INCLUDE cannot be edited.',
    });
  }
  return { token, serial: Number(token.text) };
}

/** Nothing but the owners asked for and the serial may read differently afterwards. */
function refuseSideEffects(before: ZoneText, after: ZoneText, changes: readonly RrsetChange[]): void {
  const left = others(before, changes);
  const right = others(after, changes);
  const at = left.findIndex((identity, index) => identity !== right[index]);
  if (at === -1 && left.length === right.length) return;
  throw new DnsBindError({
    code: 'dns-bind/zone-syntax',
    message: 'the zone file cannot be edited without changing records of other names',
    expected: (left[at] ?? 'no further record').replaceAll('\u0001', ' '),
    got: (right[at] ?? 'one record less').replaceAll('\u0001', ' '),
    hint: 'Give the file a $TTL line, and each record its owner; nothing was changed.',
  });
}

function others(zone: ZoneText, changes: readonly RrsetChange[]): string[] {
  const owners = new Map(changes.map((change) => [parseName(change.owner).key, change]));
  return zone.records
    .filter((record) => owners.get(record.owner)?.isOurs(record) !== true)
    .map((record) => {
      const identity = recordIdentity(record);
      if (record.type !== 'SOA') return identity;
      return recordIdentity({ ...record, rdata: record.rdata.filter((_, index) => index !== 2) });
    })
    .sort();
}

function cnameAt(owner: string, alias: ZoneRecord): DnsBindError {
  return new DnsBindError({
    code: 'dns-bind/cname',
    message: `${owner} is an alias in the zone file (line ${alias.entry.line})`,
    expected: 'A and AAAA records, or none yet',
    got: `CNAME ${alias.rdata[0]?.text ?? ''}`,
    hint: 'Take the CNAME away by hand: beside it no address record may stand (RFC 1034 section 3.6.2).',
  });
}

function mayBeElsewhere(owner: string): DnsBindError {
  return new DnsBindError({
    code: 'dns-bind/include',
    message: `the zone file does not name ${owner}, but it has $INCLUDE or $GENERATE lines that may`,
    expected: 'the records of the name in the zone file itself',
    got: 'no record of it',
    hint: 'Move the records of the name out of the included file, or set zoneFile to that file if it holds the SOA.',
  });
}
