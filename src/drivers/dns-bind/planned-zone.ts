/** What the zone files of an endpoint should hold, from what they hold now. Pure. */
import { reverseName } from '../../dns/resolve.ts';
import { canonicalAddress } from '../../site/address.ts';
import type { Endpoint } from '../../site/model.ts';
import { type AddressRecord, addressRecord, dnsNameOf } from '../answer.ts';
import { ttlSecondsOf } from '../ask.ts';
import { epochOwner } from '../epoch.ts';
import { isInZone } from '../zone-field.ts';
import type { ZonePlace } from './bind-host.ts';
import { newZoneText } from './new-zone.ts';
import type { DnsBindConfig } from './schema.ts';
import { addressChange, editZone, pointerChange, pointersTo, readName } from './zone-edit.ts';

/** A plan has no clock; a serial by date then counts on by one, which is newer just as well. */
const NO_DATE = 0;

export interface PlannedZones {
  /** Content by zone file, those that need no change left out. One byte a character. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * The files that differ from what they should be. Which members are answered is left as it is found where they all
 * are members; a name that is new gets what the policy prefers.
 *
 * @param textOf a zone file's content, one byte a character; undefined where there is none
 * @param server address of the server, for the name server's own record in a new zone
 * @throws DnsBindError as `editZone` does
 */
export function planZoneFiles(
  endpoint: Endpoint<DnsBindConfig>,
  textOf: (path: string) => string | undefined,
  server: AddressRecord,
): PlannedZones {
  const { config } = endpoint.driver;
  const name = dnsNameOf(endpoint);
  const forward = textOf(config.zoneFile);
  const nameServer = `ns.${config.zone}`;
  const about = { nameServer, hostmaster: `hostmaster.${config.zone}` };
  const answered = answeredIn(endpoint, forward, name);
  const ttlSeconds = ttlSecondsOf(endpoint.ttlMs);
  const files = new Map<string, string>();
  const plan = (place: ZonePlace, edit: (text: string) => string): void => {
    const before = textOf(place.zoneFile);
    const after = edit(before ?? newZoneText({ zone: place.zone, ...about }));
    if (after !== before) files.set(place.zoneFile, after);
  };
  plan(config, (text) => {
    const glue = forward === undefined ? [addressChange(nameServer, [server], 3_600)] : [];
    const changes = [...glue, addressChange(name, answered, ttlSeconds)];
    return editZone(text, config.zone, changes, NO_DATE).text;
  });
  for (const place of config.reverse) {
    plan(place, (text) => editPointers(endpoint, place, text, name, answered));
  }
  return { files };
}

/** Members that the file names now, if it names nobody else; otherwise those of the policy. */
function answeredIn(
  endpoint: Endpoint<DnsBindConfig>,
  text: string | undefined,
  name: string,
): AddressRecord[] {
  const all = endpoint.members.map((member) => addressRecord(endpoint, member));
  const found =
    text === undefined ? [] : readName(text, endpoint.driver.config.zone, name, epochOwner(name)).addresses;
  const known = all.filter((record) => found.includes(canonicalAddress(record.address)));
  if (known.length > 0 && known.length === found.length) return known;
  return endpoint.policy === 'failover' ? all.slice(0, 1) : all;
}

/** Pointers to the name from wherever it does not lead are taken out: the runbook's own mistake. */
function editPointers(
  endpoint: Endpoint<DnsBindConfig>,
  place: ZonePlace,
  text: string,
  name: string,
  answered: readonly AddressRecord[],
): string {
  const wanted = answered
    .map((record) => reverseName(record.address))
    .filter((owner) => isInZone(owner, place.zone));
  const wrong = pointersTo(text, place.zone, name).filter((owner) => !wanted.includes(owner));
  const ttlSeconds = ttlSecondsOf(endpoint.ttlMs);
  const changes = [
    ...wrong.map((owner) => pointerChange(owner, name, false, ttlSeconds)),
    ...wanted.map((owner) => pointerChange(owner, name, true, ttlSeconds)),
  ];
  return editZone(text, place.zone, changes, NO_DATE).text;
}
