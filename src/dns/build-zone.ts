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

function gather(origin: Name, records: Iterable<DnsRecord>): ZoneDraft {
  const nodes = new Map<string, { name: Name; sets: Map<number, RrSet> }>();
  const findings: Finding[] = [];
  for (const record of records) {
    if (!record.name.isAtOrUnder(origin)) {
      findings.push(
        zoneFinding('outside', 'error', { name: record.name.toString(), zone: origin.toString() }),
      );
      continue;
    }
    const node = addNode(nodes, record.name, origin);
    const set = node.sets.get(record.type);
    if (set !== undefined && set.ttl !== record.ttl) {
      const ttl = Math.min(set.ttl, record.ttl);
      const params = { name: record.name.toString(), type: typeName(record.type), ttl };
      findings.push(zoneFinding('many-ttls', 'warning', params));
    }
    node.sets.set(record.type, extended(set, record));
  }
  return { origin, nodes, findings };
}

function extended(set: RrSet | undefined, { name, type, ttl, rdata, weight }: DnsRecord): RrSet {
  if (set === undefined)
    return { name, type, ttl, rdatas: [rdata], ...(weight === undefined ? {} : { weights: [weight] }) };
  const smallest = { ...set, ttl: Math.min(set.ttl, ttl) };
  if (set.rdatas.some((other) => Buffer.compare(other, rdata) === 0)) return smallest;
  const rdatas = [...set.rdatas, rdata];
  if (set.weights === undefined && weight === undefined) return { ...smallest, rdatas };
  return { ...smallest, rdatas, weights: [...(set.weights ?? set.rdatas.map(() => 1)), weight ?? 1] };
}

/** The node of a name; the empty ones between it and the origin are made too. */
function addNode(
  nodes: Map<string, { name: Name; sets: Map<number, RrSet> }>,
  name: Name,
  origin: Name,
): { name: Name; sets: Map<number, RrSet> } {
  const known = nodes.get(name.key);
  if (known !== undefined) return known;
  const node = { name, sets: new Map<number, RrSet>() };
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
