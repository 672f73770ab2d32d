/** What the records of one zone owe each other. Pure. */
import type { Finding, Severity } from '../base/finding.ts';
import type { Reason } from '../base/reason.ts';
import { Name, skipName } from './name.ts';
import { dnsReasons } from './reasons.ts';
import { RR_TYPES, typeName } from './rr-type.ts';
import type { RrSet, ZoneDraft, ZoneNode } from './zone.ts';

type Code =
  | 'no-soa'
  | 'many-soa'
  | 'soa-not-at-top'
  | 'no-ns'
  | 'cname-and-other'
  | 'many-cname'
  | 'below-dname'
  | 'target-without-address'
  | 'target-is-alias'
  | 'outside'
  | 'many-ttls';

/** A finding about a zone; its reason and hint have the same parameters. */
export function zoneFinding(code: Code, severity: Severity, params: Reason['params']): Finding {
  return {
    rule: `dns/zone-${code}`,
    severity,
    because: dnsReasons.of(`dns-zone-${code}`, params),
    hint: dnsReasons.of(`dns-zone-${code}-hint`, params),
  };
}

/** Every contradiction in a zone; errors are those for which BIND refuses to load it, too. */
export function judgeZone(draft: ZoneDraft): Finding[] {
  return [...judgeTop(draft), ...[...draft.nodes.values()].flatMap((node) => judgeNode(node, draft))];
}

function judgeTop({ origin, nodes }: ZoneDraft): Finding[] {
  const zone = origin.toString();
  const top = nodes.get(origin.key)?.sets;
  const soa = top?.get(RR_TYPES.SOA);
  const findings: Finding[] = [];
  if (soa === undefined) findings.push(zoneFinding('no-soa', 'error', { zone }));
  else if (soa.rdatas.length > 1)
    findings.push(zoneFinding('many-soa', 'error', { zone, count: soa.rdatas.length }));
  if (top?.get(RR_TYPES.NS) === undefined) findings.push(zoneFinding('no-ns', 'error', { zone }));
  return findings;
}

function judgeNode(node: ZoneNode, draft: ZoneDraft): Finding[] {
  const { sets } = node;
  const name = node.name.toString();
  const zone = draft.origin.toString();
  const findings: Finding[] = [];
  if (sets.has(RR_TYPES.SOA) && !node.name.equals(draft.origin)) {
    findings.push(zoneFinding('soa-not-at-top', 'error', { name, zone }));
  }
  for (const type of [RR_TYPES.CNAME, RR_TYPES.DNAME]) {
    const count = sets.get(type)?.rdatas.length ?? 0;
    if (count > 1) findings.push(zoneFinding('many-cname', 'error', { name, count, type: typeName(type) }));
  }
  if (sets.has(RR_TYPES.CNAME) && sets.size > 1) {
    const types = [...sets.keys()].filter((type) => type !== RR_TYPES.CNAME).map(typeName);
    findings.push(zoneFinding('cname-and-other', 'error', { name, types }));
  }
  const dname = sets.size === 0 ? undefined : dnameAbove(node.name, draft);
  if (dname !== undefined)
    findings.push(zoneFinding('below-dname', 'error', { name, dname: dname.toString() }));
  return [...findings, ...judgeTargets(node, draft)];
}

function dnameAbove(name: Name, { origin, nodes }: ZoneDraft): Name | undefined {
  for (let above = name.parent; above?.isAtOrUnder(origin); above = above.parent) {
    if (nodes.get(above.key)?.sets.has(RR_TYPES.DNAME)) return above;
  }
  return undefined;
}

function judgeTargets(node: ZoneNode, draft: ZoneDraft): Finding[] {
  const name = node.name.toString();
  return [RR_TYPES.NS, RR_TYPES.MX, RR_TYPES.SRV].flatMap((type) => {
    const set = node.sets.get(type);
    return (set === undefined ? [] : targetsOf(set)).flatMap((target) => {
      const state = targetState(target, type, draft);
      const params = { name, type: typeName(type), target: target.toString() };
      const severity = type === RR_TYPES.NS ? 'error' : 'warning';
      if (state === 'alias') return [zoneFinding('target-is-alias', severity, params)];
      if (state === 'without-address') return [zoneFinding('target-without-address', severity, params)];
      return [];
    });
  });
}

/** The hosts that the records of an NS, MX or SRV set name; `.` means none (RFC 2782, RFC 7505). */
export function targetsOf(set: RrSet): Name[] {
  const at = set.type === RR_TYPES.SRV ? 6 : set.type === RR_TYPES.MX ? 2 : 0;
  return set.rdatas
    .map((rdata) => new Name(rdata.subarray(at, skipName(rdata, at))))
    .filter((target) => !target.isRoot);
}

function targetState(target: Name, type: number, draft: ZoneDraft): 'fine' | 'alias' | 'without-address' {
  if (!target.isAtOrUnder(draft.origin)) return 'fine';
  const sets = draft.nodes.get(target.key)?.sets;
  if (sets?.has(RR_TYPES.A) || sets?.has(RR_TYPES.AAAA)) return 'fine';
  if (sets?.has(RR_TYPES.CNAME)) return 'alias';
  for (let above: Name | undefined = target; above?.isAtOrUnder(draft.origin); above = above.parent) {
    const found = draft.nodes.get(above.key)?.sets;
    if (found?.has(RR_TYPES.DNAME)) return 'fine';
    const isDelegated = found?.has(RR_TYPES.NS) === true && !above.equals(draft.origin);
    // The other zone knows the address; but a server inside it cannot be found without glue.
    if (isDelegated) return type === RR_TYPES.NS ? 'without-address' : 'fine';
    if (sets === undefined && !above.equals(target) && draft.nodes.has(`\x01*${above.key}`)) return 'fine';
  }
  return 'without-address';
}
