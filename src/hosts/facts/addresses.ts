import { isIP } from 'node:net';
import type { FactKind } from '../fact.ts';

/** One address and what carries it. */
export interface HostAddress {
  readonly address: string;
  readonly family: 4 | 6;
  /** Bits of the network part. */
  readonly prefix: number;
  readonly interface: string;
  readonly scope: string;
  /** A further address of its network, as a VIP mostly is. */
  readonly secondary: boolean;
  /** An IPv6 address that changes by itself (RFC 8981), or that is being given up. */
  readonly temporary: boolean;
  /** Duplicate address detection found another owner. */
  readonly duplicate: boolean;
}

/** ip-address(8); `-o` puts each on one line in iproute2 and busybox, and CentOS 7 has no `-j`. */
export const addresses: FactKind<readonly HostAddress[]> = {
  name: 'addresses',
  command: () => 'ip -o addr show',
  parse: (output) => output.split('\n').flatMap((line) => parseLine(line) ?? []),
  stable: (all) => all.filter(({ temporary, scope }) => !temporary && scope !== 'link'),
};

function parseLine(line: string): HostAddress | undefined {
  const match =
    /^\d+:\s+(\S+?)(?:@\S+)?\s+(inet6?)\s+([0-9a-fA-F.:]+)(?:\s+peer\s+([0-9a-fA-F.:]+))?(?:\/(\d+))?\s(.*)$/.exec(
      line,
    );
  if (match === null) return undefined;
  const [, name = '', kind, address = '', , prefix, rest = ''] = match;
  if (isIP(address) === 0) return undefined;
  const words = rest.replace(/\\.*$/, '').split(/\s+/);
  const family = kind === 'inet' ? 4 : 6;
  return {
    address,
    family,
    prefix: prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix),
    interface: name.replace(/:$/, ''),
    scope: words[words.indexOf('scope') + 1] ?? 'global',
    secondary: words.includes('secondary'),
    temporary: words.includes('temporary') || words.includes('deprecated'),
    duplicate: words.includes('dadfailed'),
  };
}
