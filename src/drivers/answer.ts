/** From an answer's members to the addresses that DNS records hold. */
import { isIPv4, isIPv6 } from 'node:net';
import { canonicalAddress } from '../site/address.ts';
import type { Endpoint, Member, MemberName } from '../site/model.ts';
import type { Answer } from './driver.ts';
import { DriverError } from './driver-error.ts';

/** An address as a record holds it. */
export interface AddressRecord {
  readonly type: 'A' | 'AAAA';
  readonly address: string;
}

/**
 * The address records of an answer, in its order, each once.
 * @throws DriverError `driver/empty-answer` (all down means: the last answer stays), `driver/unknown-member`,
 *   `driver/member-address` where a member is known by a name only
 */
export function addressRecords(endpoint: Endpoint, answer: Answer): AddressRecord[] {
  const found = new Map<string, AddressRecord>();
  for (const member of membersOf(endpoint, answer)) {
    const record = addressRecord(endpoint, member);
    found.set(record.address, record);
  }
  return [...found.values()];
}

/**
 * The members that an answer names, in its order.
 * @throws DriverError `driver/empty-answer`, `driver/unknown-member`
 */
export function membersOf(endpoint: Endpoint, answer: Answer): Member[] {
  if (answer.members.length === 0) throw emptyAnswer(endpoint);
  return answer.members.map((name) => memberNamed(endpoint, name));
}

/** One member's record. @throws DriverError `driver/member-address` */
export function addressRecord(endpoint: Endpoint, member: Member): AddressRecord {
  if (isIPv4(member.address)) return { type: 'A', address: member.address };
  if (isIPv6(member.address)) return { type: 'AAAA', address: canonicalAddress(member.address) };
  throw new DriverError({
    code: 'driver/member-address',
    message: `endpoint ${endpoint.name}: member ${member.name} has no address that a DNS record could hold`,
    expected: 'an IPv4 or IPv6 address',
    got: member.address,
    hint: `Give host ${member.host} an IP address in the site file.`,
  });
}

/** Members by address; addresses that belong to none are strangers. Order: that of the members. */
export function membersAt(
  endpoint: Endpoint,
  addresses: readonly string[],
): { members: MemberName[]; strangers: string[] } {
  const seen = new Set(addresses.map(canonicalAddress));
  const known = endpoint.members.filter((member) => seen.has(canonicalAddress(member.address)));
  const theirs = new Set(known.map((member) => canonicalAddress(member.address)));
  return {
    members: known.map((member) => member.name),
    strangers: [...seen].filter((one) => !theirs.has(one)),
  };
}

/** Whether two lists hold the same addresses, in whatever order. */
export function sameAddresses(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a.map(canonicalAddress));
  const right = new Set(b.map(canonicalAddress));
  return left.size === right.size && [...left].every((address) => right.has(address));
}

/** Whether a list holds some of the addresses, and no others. */
export function isPartOf(some: readonly string[], all: readonly string[]): boolean {
  const known = new Set(all.map(canonicalAddress));
  return some.length > 0 && some.every((address) => known.has(canonicalAddress(address)));
}

/**
 * The name that clients use.
 * @throws DriverError `driver/no-dns-name`; lint finds it first
 */
export function dnsNameOf(endpoint: Endpoint): string {
  if (endpoint.dnsName !== undefined) return endpoint.dnsName.replace(/\.$/, '').toLowerCase();
  throw new DriverError({
    code: 'driver/no-dns-name',
    message: `endpoint ${endpoint.name} has no DNS name`,
    expected: 'the name that clients use',
    got: 'nothing',
    hint: `Give endpoint ${endpoint.name} its DNS name in the site file, or choose a driver of addresses.`,
  });
}

function memberNamed(endpoint: Endpoint, name: MemberName): Member {
  const member = endpoint.members.find((one) => one.name === name);
  if (member !== undefined) return member;
  throw new DriverError({
    code: 'driver/unknown-member',
    message: `endpoint ${endpoint.name}: the answer names a member it does not have`,
    expected: endpoint.members.map((one) => one.name).join(', '),
    got: name,
    hint: 'The site file has changed since the answer was decided: let the watcher decide again.',
  });
}

function emptyAnswer(endpoint: Endpoint): DriverError {
  return new DriverError({
    code: 'driver/empty-answer',
    message: `endpoint ${endpoint.name}: an answer without members is never published`,
    expected: 'at least one member',
    got: 'none',
    hint: 'With all members down the last good answer stays: bring a member back, or force one.',
  });
}
