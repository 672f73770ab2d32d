import type { Finding } from '../base/finding.ts';
import type { Name } from './name.ts';
import type { DnsRecord } from './record.ts';
import type { Serial } from './serial.ts';

/** All records of one name and type. */
export interface RrSet {
  readonly name: Name;
  readonly type: number;
  /** Seconds. */
  readonly ttl: number;
  /** Wire form, names uncompressed, no two alike; at least one. */
  readonly rdatas: readonly Uint8Array[];
  /** One for each of `rdatas`, where any record has one; see `rotation.ts`. */
  readonly weights?: readonly number[];
}

/** A name of the zone with its records; one without any exists because something lies below it (RFC 4592 §2.2.2). */
export interface ZoneNode {
  readonly name: Name;
  readonly sets: ReadonlyMap<number, RrSet>;
}

/** A zone whose records agree with each other. Never changed: a new answer is a new zone. */
export interface Zone {
  readonly origin: Name;
  readonly serial: Serial;
  readonly soa: RrSet;
  /** The SOA as it goes with negative answers: its TTL at most its minimum field (RFC 2308 §5). */
  readonly negativeSoa: RrSet;
  /** By {@link Name.key}, the empty names in between included. */
  readonly nodes: ReadonlyMap<string, ZoneNode>;
  readonly recordCount: number;
}

/** Several zones by the key of their origin. */
export type Zones = ReadonlyMap<string, Zone>;

/** What a zone is made of before it is judged. */
export interface ZoneDraft {
  readonly origin: Name;
  readonly nodes: ReadonlyMap<string, ZoneNode>;
  /** Records outside of the zone, and names of RRsets with different TTLs. */
  readonly findings: readonly Finding[];
}

/** All records of a zone, the SOA first, then in the order in which their names came. */
export function* zoneRecords(zone: Zone): Generator<DnsRecord> {
  yield* recordsOf(zone.soa);
  for (const { sets } of zone.nodes.values()) {
    for (const set of sets.values()) if (set !== zone.soa) yield* recordsOf(set);
  }
}

/** An RRset as single records. */
export function recordsOf(set: RrSet): DnsRecord[] {
  return set.rdatas.map((rdata) => ({ name: set.name, type: set.type, ttl: set.ttl, rdata }));
}
