import { canonicalAddress } from '../address.ts';

/** `193.41.30.172.in-addr.arpa` → `172.30.41.193`, and the same for ip6.arpa; undefined for anything else. */
export function addressOfReverseName(name: string): string | undefined {
  const v4 = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name);
  if (v4 !== null) return [v4[4], v4[3], v4[2], v4[1]].join('.');
  if (!/^([0-9a-f]\.){32}ip6\.arpa$/.test(name)) return undefined;
  const nibbles = name.replace('.ip6.arpa', '').split('.').reverse().join('');
  return canonicalAddress(nibbles.replace(/(.{4})(?!$)/g, '$1:'));
}

/** Whether an address has its PTR record in this reverse zone (`41.30.172.in-addr.arpa`). */
export function isInReverseZone(address: string, origin: string): boolean {
  const name = reverseNameOf(address);
  return name !== undefined && (name === origin || name.endsWith(`.${origin}`));
}

function reverseNameOf(address: string): string | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address)) return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
  const [head = '', tail] = canonicalAddress(address).split('::');
  const left = head.split(':').filter((group) => group !== '');
  const right = (tail ?? '').split(':').filter((group) => group !== '');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  const groups = [...left, ...zeros, ...right];
  if (groups.length !== 8) return undefined;
  return `${[...groups.map((group) => group.padStart(4, '0')).join('')].reverse().join('.')}.ip6.arpa`;
}
