/** What an authoritative server says to a question: RFC 1034 §4.3.2, RFC 2308, RFC 4592, RFC 6604, RFC 6672. Pure. */
import { keyIsAtOrUnder, labelOffsets, Name } from './name.ts';
import { RCODE } from './rcode.ts';
import { RR_TYPES } from './rr-type.ts';
import type { RrSet, Zone, ZoneNode, Zones } from './zone.ts';
import { targetsOf } from './zone-rules.ts';

/** The sections of an answer, before it is bytes. */
export interface Answer {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly answer: readonly RrSet[];
  readonly authority: readonly RrSet[];
  /** Addresses that save the client a question; may be left out, but see `needsGlue`. */
  readonly additional: readonly RrSet[];
  /** A referral whose servers cannot be found without `additional` (RFC 9471). */
  readonly needsGlue: boolean;
  /** Whether the question's own name is in the zone, rather than made up from a wildcard or not there. */
  readonly isOwnName: boolean;
}

/** RFC 1034 leaves the length of chains open; resolvers give up at about this many. */
const LONGEST_CHAIN = 16;

/**
 * The zone that answers for a name: the one whose origin is longest; for DS, which belongs to the parent, the one
 * above where that is served too (RFC 4035 §3.1.4.1).
 */
export function findZone(zones: Zones, qnameKey: string, qtype: number): Zone | undefined {
  let own: Zone | undefined;
  for (const at of [...labelOffsets(qnameKey), qnameKey.length - 1]) {
    const zone = zones.get(qnameKey.slice(at));
    if (zone === undefined) continue;
    if (own !== undefined) return zone.nodes.get(qnameKey)?.sets.has(RR_TYPES.NS) ? zone : own;
    if (at > 0 || qtype !== RR_TYPES.DS) return zone;
    own = zone;
  }
  return own;
}

/**
 * Answers one question from one zone.
 * @param qname at or below the zone's origin
 */
export function answerFrom(zone: Zone, qname: Name, qtype: number): Answer {
  const chain: RrSet[] = [];
  const seen = new Set<string>();
  let step = lookUp(zone, qname, qtype);
  const { isOwnName } = step;
  for (let name = qname; step.kind === 'alias'; step = lookUp(zone, name, qtype)) {
    chain.push(...step.sets);
    seen.add(name.key);
    name = step.target;
    const isEnd = !name.isAtOrUnder(zone.origin) || seen.has(name.key) || seen.size >= LONGEST_CHAIN;
    if (isEnd) return { ...EMPTY, answer: chain, isOwnName };
  }
  return { ...finish(zone, step, chain), isOwnName };
}

const EMPTY = {
  rcode: RCODE.NOERROR,
  authoritative: true,
  answer: [],
  authority: [],
  additional: [],
  needsGlue: false,
  isOwnName: true,
} satisfies Answer;

type Step = { readonly isOwnName: boolean } & (
  | { readonly kind: 'data'; readonly set: RrSet }
  | { readonly kind: 'alias'; readonly sets: readonly RrSet[]; readonly target: Name }
  | { readonly kind: 'too-long'; readonly sets: readonly RrSet[] }
  | { readonly kind: 'referral'; readonly set: RrSet }
  | { readonly kind: 'no-data' | 'no-name' }
);

function finish(zone: Zone, step: Exclude<Step, { kind: 'alias' }>, chain: readonly RrSet[]): Answer {
  switch (step.kind) {
    case 'data': {
      const answer = [...chain, step.set];
      return { ...EMPTY, answer, additional: addressesOf(zone, step.set, answer) };
    }
    case 'referral': {
      const additional = addressesOf(zone, step.set, []);
      const needsGlue = targetsOf(step.set).some((target) => target.isAtOrUnder(step.set.name));
      return {
        ...EMPTY,
        authoritative: chain.length > 0,
        answer: chain,
        authority: [step.set],
        additional,
        needsGlue,
      };
    }
    case 'no-data':
      return { ...EMPTY, answer: chain, authority: [zone.negativeSoa] };
    case 'no-name':
      return { ...EMPTY, rcode: RCODE.NXDOMAIN, answer: chain, authority: [zone.negativeSoa] };
    case 'too-long':
      return { ...EMPTY, rcode: RCODE.YXDOMAIN, answer: [...chain, ...step.sets] };
  }
}

/** One turn of RFC 1034 §4.3.2 step 3: from the origin down to the name. */
function lookUp(zone: Zone, name: Name, qtype: number): Step {
  const { key } = name;
  const starts = [...labelOffsets(key), key.length - 1];
  const originIndex = starts.length - 1 - labelOffsets(zone.origin.key).length;
  let encloser = zone.nodes.get(zone.origin.key) as ZoneNode;
  for (let index = originIndex; index >= 0; index--) {
    const node = zone.nodes.get(key.slice(starts[index]));
    if (node === undefined) return fromWildcard(zone, name, qtype, encloser.name.key);
    encloser = node;
    const cut = index === originIndex ? undefined : node.sets.get(RR_TYPES.NS);
    if (cut !== undefined && !(index === 0 && qtype === RR_TYPES.DS)) {
      return { kind: 'referral', set: cut, isOwnName: index === 0 };
    }
    const dname = index === 0 ? undefined : node.sets.get(RR_TYPES.DNAME);
    if (dname !== undefined) return fromDname(dname, name);
  }
  return atNode(encloser, encloser.name, qtype);
}

/** RFC 4592 §3.3: the wildcard right below the closest name that exists, and no other. */
function fromWildcard(zone: Zone, name: Name, qtype: number, encloserKey: string): Step {
  const node = zone.nodes.get(`\x01*${encloserKey}`);
  if (node === undefined) return { kind: 'no-name', isOwnName: false };
  return { ...atNode(node, name, qtype), isOwnName: false };
}

function atNode(node: ZoneNode, owner: Name, qtype: number): Step {
  const isOwnName = true;
  const own = (set: RrSet): RrSet => (set.name.equals(owner) ? set : { ...set, name: owner });
  if (qtype === RR_TYPES.ANY) return minimalAny(node, owner);
  const set = node.sets.get(qtype);
  if (set !== undefined) return { kind: 'data', set: own(set), isOwnName };
  const alias = node.sets.get(RR_TYPES.CNAME);
  if (alias === undefined) return { kind: 'no-data', isOwnName };
  const target = new Name(alias.rdatas[0] as Uint8Array);
  return { kind: 'alias', sets: [own(alias)], target, isOwnName };
}

const RFC8482 = Uint8Array.from([7, ...Buffer.from('RFC8482'), 0]);

/** RFC 8482 §4.2: one small record instead of everything, which mostly amplifiers ask for. A CNAME is given as it is. */
function minimalAny(node: ZoneNode, owner: Name): Step {
  const isOwnName = true;
  if (node.sets.size === 0) return { kind: 'no-data', isOwnName };
  const alias = node.sets.get(RR_TYPES.CNAME);
  if (alias !== undefined) return { kind: 'data', set: { ...alias, name: owner }, isOwnName };
  const ttl = Math.min(...[...node.sets.values()].map((set) => set.ttl));
  const set = { name: owner, type: RR_TYPES.HINFO, ttl, rdatas: [RFC8482] };
  return { kind: 'data', set, isOwnName };
}

/** RFC 6672 §2.2, §3.1: the part below the DNAME moves to its target, told as a CNAME for those who know no DNAME. */
function fromDname(dname: RrSet, name: Name): Step {
  const below = name.wire.subarray(0, name.wire.length - dname.name.wire.length);
  const wire = Buffer.concat([below, dname.rdatas[0] as Uint8Array]);
  if (wire.length > 255) return { kind: 'too-long', sets: [dname], isOwnName: false };
  const alias: RrSet = { name, type: RR_TYPES.CNAME, ttl: dname.ttl, rdatas: [wire] };
  return { kind: 'alias', sets: [dname, alias], target: new Name(wire), isOwnName: false };
}

/** A and AAAA of the hosts that an NS, MX or SRV set names, as far as this zone holds them. */
function addressesOf(zone: Zone, set: RrSet, answer: readonly RrSet[]): RrSet[] {
  if (set.type !== RR_TYPES.NS && set.type !== RR_TYPES.MX && set.type !== RR_TYPES.SRV) return [];
  const found: RrSet[] = [];
  for (const { key } of targetsOf(set)) {
    const sets = keyIsAtOrUnder(key, zone.origin.key) ? zone.nodes.get(key)?.sets : undefined;
    for (const type of [RR_TYPES.A, RR_TYPES.AAAA]) {
      const addresses = sets?.get(type);
      if (addresses !== undefined && !answer.includes(addresses) && !found.includes(addresses))
        found.push(addresses);
    }
  }
  return found;
}
