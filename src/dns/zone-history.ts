import type { DnsRecord } from './record.ts';
import { isNewerSerial, type Serial } from './serial.ts';
import { type RrSet, recordsOf, type Zone } from './zone.ts';

/** What turned one version of a zone into the next (RFC 1995 §4); neither list holds the SOA. */
export interface ZoneDelta {
  readonly from: { readonly serial: Serial; readonly soa: RrSet };
  readonly to: { readonly serial: Serial; readonly soa: RrSet };
  readonly deleted: readonly DnsRecord[];
  readonly added: readonly DnsRecord[];
}

const MOST_DELTAS = 64;

/** The recent changes of the zones that a server publishes: what IXFR is answered from. Lives in memory only. */
export class ZoneHistory {
  readonly #byOrigin = new Map<string, ZoneDelta[]>();

  /**
   * Notes that `after` takes the place of `before`.
   * @returns `unchanged`; `changed`; or `serial-not-raised`, after which no secondary will take the new content
   */
  note(before: Zone | undefined, after: Zone): 'changed' | 'unchanged' | 'serial-not-raised' {
    const { key } = after.origin;
    if (before === after) return 'unchanged';
    if (before === undefined) {
      this.#byOrigin.delete(key);
      return 'changed';
    }
    const delta = diff(before, after);
    const isSame = delta.deleted.length === 0 && delta.added.length === 0;
    if (isSame && before.serial === after.serial) return 'unchanged';
    if (!isNewerSerial(after.serial, before.serial)) {
      this.#byOrigin.delete(key);
      return 'serial-not-raised';
    }
    const deltas = [...(this.#byOrigin.get(key) ?? []), delta].slice(-MOST_DELTAS);
    while (deltas.length > 0 && sizeOf(deltas) > after.recordCount) deltas.shift();
    this.#byOrigin.set(key, deltas);
    return 'changed';
  }

  /** The changes since a version that a secondary has; undefined where they are not known, or not worth it. */
  since(originKey: string, serial: Serial): readonly ZoneDelta[] | undefined {
    const deltas = this.#byOrigin.get(originKey) ?? [];
    const first = deltas.findIndex(({ from }) => from.serial === serial);
    return first === -1 ? undefined : deltas.slice(first);
  }
}

/** Larger than the zone itself, a history is of no use: AXFR says the same in less. */
function sizeOf(deltas: readonly ZoneDelta[]): number {
  return deltas.reduce((sum, { deleted, added }) => sum + deleted.length + added.length, 0);
}

function diff(before: Zone, after: Zone): ZoneDelta {
  return {
    from: { serial: before.serial, soa: before.soa },
    to: { serial: after.serial, soa: after.soa },
    deleted: missingIn(after, before),
    added: missingIn(before, after),
  };
}

/** Records of `zone` that `other` has not, or has with another TTL. */
function missingIn(other: Zone, zone: Zone): DnsRecord[] {
  const missing: DnsRecord[] = [];
  for (const [key, node] of zone.nodes) {
    const otherSets = other.nodes.get(key)?.sets;
    if (otherSets === node.sets) continue;
    for (const set of node.sets.values()) {
      if (set === zone.soa) continue;
      const otherSet = otherSets?.get(set.type);
      if (otherSet === set) continue;
      const known = new Set(otherSet?.ttl === set.ttl ? otherSet.rdatas.map(text) : []);
      missing.push(...recordsOf(set).filter(({ rdata }) => !known.has(text(rdata))));
    }
  }
  return missing;
}

function text(rdata: Uint8Array): string {
  return Buffer.from(rdata).toString('latin1');
}
