/** The records of one zone, from its plan and from what is answered now. Pure. */
import { digestOf } from '../../base/digest.ts';
import { type Name, parseName } from '../../dns/name.ts';
import { type DnsRecord, dnsRecord, formatRecord } from '../../dns/record.ts';
import { reverseName } from '../../dns/resolve.ts';
import { RR_TYPES } from '../../dns/rr-type.ts';
import type { Endpoint, Member } from '../../site/model.ts';
import { addressRecord, dnsNameOf } from '../answer.ts';
import { ttlSecondsOf } from '../ask.ts';
import { type EpochMark, epochOwner, formatMark } from '../epoch.ts';
import { isInZone } from '../zone-field.ts';
import type { DnsEmbeddedConfig } from './schema.ts';
import type { ZonePlan, ZoneSettings } from './zone-plan.ts';

/** What one endpoint answers. */
export interface EndpointAnswer {
  readonly members: readonly Member[];
  readonly ttlMs: number;
  readonly mark: EpochMark;
}

export type AnswerOf = (endpoint: Endpoint<DnsEmbeddedConfig>) => EndpointAnswer;

/** How long name servers and other records of our own making may be kept. */
const ZONE_TTL_SECONDS = 3_600;

/**
 * Everything but the SOA.
 * @param fileRecords of the zone file; what it says of an endpoint's name gives way
 */
export function recordsOfZone(
  plan: ZonePlan,
  fileRecords: readonly DnsRecord[],
  answerOf: AnswerOf,
): DnsRecord[] {
  const ours = [
    ...plan.forward.flatMap((endpoint) => forwardRecords(endpoint, answerOf(endpoint))),
    ...plan.reverse.flatMap((endpoint) => pointerRecords(endpoint, answerOf(endpoint), plan.zone)),
  ];
  const names = new Set(plan.forward.map((endpoint) => parseName(dnsNameOf(endpoint)).key));
  const isReplaced = ({ name, type }: DnsRecord): boolean =>
    type === RR_TYPES.SOA ||
    (names.has(name.key) && (type === RR_TYPES.A || type === RR_TYPES.AAAA || type === RR_TYPES.CNAME));
  const kept = fileRecords.filter((record) => !isReplaced(record));
  return [...apexRecords(plan, kept), ...kept, ...ours];
}

/** The zone's SOA: that of the file where it has one, but for the serial and a negative TTL that is too long. */
export function soaOf(plan: ZonePlan, fileRecords: readonly DnsRecord[], serial: number): DnsRecord {
  const file = fileRecords.find((record) => record.type === RR_TYPES.SOA);
  if (file !== undefined) {
    const rdata = Buffer.from(file.rdata);
    rdata.writeUInt32BE(serial, rdata.length - 20);
    const negative = Math.min(rdata.readUInt32BE(rdata.length - 4), ttlSecondsOf(plan.settings.negativeTtl));
    rdata.writeUInt32BE(negative, rdata.length - 4);
    return { ...file, rdata };
  }
  const { settings, zone } = plan;
  const times = [settings.refresh, settings.retry, settings.expire, settings.negativeTtl].map(ttlSecondsOf);
  const primary = `${settings.nameServers[0]?.name ?? zone}.`;
  const data = [primary, `${settings.hostmaster}.`, serial, ...times].join(' ');
  return dnsRecord(zone, Math.max(1, ttlSecondsOf(settings.negativeTtl)), 'SOA', data);
}

/** The serial that a zone file itself has. */
export function fileSerial(fileRecords: readonly DnsRecord[]): number | undefined {
  const rdata = fileRecords.find((record) => record.type === RR_TYPES.SOA)?.rdata;
  return rdata === undefined ? undefined : Buffer.from(rdata).readUInt32BE(rdata.length - 20);
}

/** Over all records but the serial: equal for zones that say the same. */
export function digestOfRecords(records: readonly DnsRecord[]): string {
  return digestOf(
    records.map((record) => `${formatRecord(record)} ${record.weight ?? ''}`.toLowerCase()).sort(),
  );
}

function apexRecords({ zone, settings }: ZonePlan, kept: readonly DnsRecord[]): DnsRecord[] {
  const apex = parseName(zone);
  if (kept.some((record) => record.type === RR_TYPES.NS && record.name.equals(apex))) return [];
  return settings.nameServers.flatMap((server) => [
    dnsRecord(apex, ZONE_TTL_SECONDS, 'NS', `${server.name}.`),
    ...glue(server, apex, kept),
  ]);
}

function glue(
  { name, addresses }: ZoneSettings['nameServers'][number],
  apex: Name,
  kept: readonly DnsRecord[],
): DnsRecord[] {
  const owner = parseName(name);
  if (!owner.isAtOrUnder(apex) || kept.some((record) => record.name.equals(owner))) return [];
  return addresses.map((address) =>
    dnsRecord(owner, ZONE_TTL_SECONDS, address.includes(':') ? 'AAAA' : 'A', address),
  );
}

function forwardRecords(endpoint: Endpoint, { members, ttlMs, mark }: EndpointAnswer): DnsRecord[] {
  const name = dnsNameOf(endpoint);
  const isWeighted = endpoint.policy === 'weighted';
  return [
    ...members.map((member) => {
      const { type, address } = addressRecord(endpoint, member);
      const record = dnsRecord(name, ttlSecondsOf(ttlMs), type, address);
      return isWeighted ? { ...record, weight: member.weight } : record;
    }),
    dnsRecord(epochOwner(name), 0, 'TXT', `"${formatMark(mark)}"`),
  ];
}

function pointerRecords(endpoint: Endpoint, { members, ttlMs }: EndpointAnswer, zone: string): DnsRecord[] {
  return members
    .map((member) => reverseName(addressRecord(endpoint, member).address))
    .filter((owner) => isInZone(owner, zone))
    .map((owner) => dnsRecord(owner, ttlSecondsOf(ttlMs), 'PTR', `${dnsNameOf(endpoint)}.`));
}
