/** Subnets of addresses, as text. Pure. */
import { isIPv4 } from 'node:net';
import { canonicalAddress } from '../site/address.ts';

/** A network by its first bits: `172.30.41` with 24 of them, `2001:db8:0:7` with 64. */
export interface Subnet {
  /** The bits that all addresses in it share, as the beginning of an address. */
  readonly beginning: string;
  readonly prefixLength: 24 | 64;
}

/** The /24 (IPv6: /64) around an address: site files do not say how long prefixes are. */
export function subnetOf(address: string): Subnet {
  if (isIPv4(address)) return { beginning: address.split('.').slice(0, 3).join('.'), prefixLength: 24 };
  return { beginning: groupsOf(address).slice(0, 4).join(':'), prefixLength: 64 };
}

/** The n-th address of a subnet; n from 1 to 254. */
export function addressIn(subnet: Subnet, n: number): string {
  if (subnet.prefixLength === 24) return `${subnet.beginning}.${n}`;
  return canonicalAddress(`${subnet.beginning}::${n.toString(16)}`);
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = canonicalAddress(address).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(zeros).fill('0'), ...after];
}
