import type { Finding } from '../base/finding.ts';
import { renderReason } from '../base/reason.ts';
import { DnsError } from './error.ts';
import { labelOffsets, type Name, toName } from './name.ts';
import { dnsReasons } from './reasons.ts';
import type { DnsRecord } from './record.ts';
import { RR_TYPES, typeName } from './rr-type.ts';
import type { RrSet, Zone, ZoneDraft } from './zone.ts';
import { judgeZone, zoneFinding } from './zone-rules.ts';

/**
 * Builds a zone, or says everything that is wrong with it. Order and case of records do not count, duplicates are
 * dropped, the smallest TTL of an RRset is used.
 * @returns `zone` only where no finding is an error
 */
export function buildZone(
  origin: Name | string,
  records: Iterable<DnsRecord>,
): { zone?: Zone; findings: readonly Finding[] } {
  const draft = gather(toName(origin), records);
  const findings = [...draft.findings, ...judgeZone(draft)];
  const soa = draft.nodes.get(draft.origin.key)?.sets.get(RR_TYPES.SOA);
  if (soa === undefined || findings.some(({ severity }) => severity === 'error')) return { findings };
  return { zone: finish(draft, soa), findings };
}

/**
 * {@link buildZone} for records that a program made.
 * @throws DnsError `dns/bad-zone` with every error
 */
export function makeZone(origin: Name | string, records: Iterable<DnsRecord>): Zone {
  const { zone, findings } = buildZone(origin, records);
  if (zone !== undefined) return zone;
  const errors = findings.filter(({ severity }) => severity === 'error');
  throw new DnsError({
    code: 'dns/bad-zone',
    message: `the zone ${toName(origin)} cannot be served`,
    expected: 'records that agree with each other',
    got: errors.map(({ because }) => renderReason(because, [dnsReasons], 'en')).join('; '),
    hint: errors[0] === undefined ? 'Add its records.' : renderReason(errors[0].hint, [dnsReasons], 'en'),
  });
}

function finish(draft: ZoneDraft, soa: RrSet): Zone {
  const rdata = Buffer.from(soa.rdatas[0] as Uint8Array);
  let recordCount = 0;
  for (const { sets } of draft.nodes.values())
    for (const { rdatas } of sets.values()) recordCount += rdatas.length;
  return {
    origin: draft.origin,
    serial: rdata.readUInt32BE(rdata.length - 20),
    soa,
    negativeSoa: { ...soa, ttl: Math.min(soa.ttl, rdata.readUInt32BE(rdata.length - 4)) },
    nodes: draft.nodes,
    recordCount,
  };
}

/** An RRset while records are still coming. */
interface OpenSet extends RrSet {
  ttl: number;
  readonly rdatas: Uint8Array[];
  weights?: number[];
}

interface OpenNode {
  readonly name: Name;
  readonly sets: Map<number, OpenSet>;
}

function gather(origin: Name, records: Iterable<DnsRecord>): ZoneDraft {
  const nodes = new Map<string, OpenNode>();
  const findings: Finding[] = [];
  // Data that each set holds, a byte a character: a set may have thousands.
  const known = new Map<OpenSet, Set<string>>();
  for (const record of records) {
    const { name, type, ttl } = record;
    if (!name.isAtOrUnder(origin)) {
      findings.push(zoneFinding('outside', 'error', { name: name.toString(), zone: origin.toString() }));
      continue;
    }
    const { sets } = addNode(nodes, name, origin);
    let set = sets.get(type);
    if (set === undefined) {
      set = { name, type, ttl, rdatas: [] };
      sets.set(type, set);
      known.set(set, new Set());
    }
    if (set.ttl !== ttl) {
      set.ttl = Math.min(set.ttl, ttl);
      const params = { name: name.toString(), type: typeName(type), ttl: set.ttl };
      findings.push(zoneFinding('many-ttls', 'warning', params));
    }
    addData(set, record, known.get(set) as Set<string>);
  }
  return { origin, nodes, findings };
}

function addData(set: OpenSet, { rdata, weight }: DnsRecord, known: Set<string>): void {
  const text = Buffer.from(rdata.buffer, rdata.byteOffset, rdata.byteLength).toString('latin1');
  if (known.has(text)) return;
  known.add(text);
  if (weight !== undefined || set.weights !== undefined) {
    set.weights = [...(set.weights ?? set.rdatas.map(() => 1)), weight ?? 1];
  }
  set.rdatas.push(rdata);
}

/** The node of a name; the empty ones between it and the origin are made too. */
function addNode(nodes: Map<string, OpenNode>, name: Name, origin: Name): OpenNode {
  const known = nodes.get(name.key);
  if (known !== undefined) return known;
  const node = { name, sets: new Map<number, OpenSet>() };
  nodes.set(name.key, node);
  const levels = labelOffsets(name.key).length - labelOffsets(origin.key).length;
  for (
    let above = name.parent, left = levels;
    above !== undefined && left > 0;
    left--, above = above.parent
  ) {
    if (nodes.has(above.key)) break;
    nodes.set(above.key, { name: above, sets: new Map() });
  }
  return node;
}
