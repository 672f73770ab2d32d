/** Which interface of a host an address can move to. Pure, from facts. */
import { BlockList, isIPv6 } from 'node:net';
import type { HostAddress } from '../hosts/facts/addresses.ts';
import type { Bridge } from '../hosts/facts/bridges.ts';
import { canonicalAddress } from '../site/address.ts';
import type { HostName } from '../site/model.ts';
import { KeepalivedError } from './vrrp-error.ts';

/** Where the address will stand on one host. */
export interface Place {
  readonly interface: string;
  /** Bits of the network part, the same as that of the host's own address there. */
  readonly prefix: number;
  /** The host's own address there: VRRP is sent from it. */
  readonly source: string;
  /** Other interfaces in the same subnet: then it matters which of them answers ARP. */
  readonly alsoOn: readonly string[];
}

export interface PlaceQuestion {
  readonly host: HostName;
  readonly vip: string;
  readonly found: readonly HostAddress[];
  readonly bridges: readonly Bridge[];
  /** Address of the host that is preferred as source, where it is in the subnet. */
  readonly preferred: string;
  /** Asked for in the site file. */
  readonly interface?: string | undefined;
  /** Addresses that move: never a source. */
  readonly vips: readonly string[];
}

/**
 * The interface whose subnet holds the address. The host's address may sit on a bridge: then the bridge it is, as the
 * Cloudpods runbook's note on br0 wants.
 * @throws KeepalivedError `keepalived/not-in-subnet`, `keepalived/bridge-port`
 */
export function placeFor(question: PlaceQuestion): Place {
  const { found, vip, vips, preferred } = question;
  const moving = new Set(vips.map(canonicalAddress));
  const own = found.filter(
    (one) => !moving.has(canonicalAddress(one.address)) && one.scope === 'global' && holds(one, vip),
  );
  const wanted = own.filter((one) => one.interface === (question.interface ?? one.interface));
  const chosen =
    wanted.find((one) => canonicalAddress(one.address) === canonicalAddress(preferred)) ??
    wanted.find((one) => !one.secondary && !one.temporary) ??
    wanted[0];
  if (chosen === undefined) throw noPlace(question, own);
  const alsoOn = new Set(own.map((one) => one.interface).filter((name) => name !== chosen.interface));
  return {
    interface: chosen.interface,
    prefix: chosen.prefix,
    source: chosen.address,
    alsoOn: [...alsoOn],
  };
}

/** Whether the subnet of an address, wider than itself alone, holds another one. */
export function holds({ address, prefix, family }: HostAddress, other: string): boolean {
  if ((family === 6) !== isIPv6(other) || prefix >= (family === 4 ? 32 : 128)) return false;
  const subnet = new BlockList();
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  subnet.addSubnet(address, prefix, kind);
  return subnet.check(other, kind);
}

function noPlace(question: PlaceQuestion, own: readonly HostAddress[]): KeepalivedError {
  const { host, vip, bridges, interface: asked, found } = question;
  const bridge = bridges.find(({ ports }) => asked !== undefined && ports.includes(asked));
  if (bridge !== undefined) {
    return new KeepalivedError({
      code: 'keepalived/bridge-port',
      message: `${asked} is a port of the bridge ${bridge.name}`,
      where: { host },
      expected: `the interface that has an address in the subnet of ${vip}`,
      got: asked as string,
      hint: `Set \`interface: ${bridge.name}\`, or leave \`interface\` out: it is found by itself.`,
    });
  }
  const there = asked === undefined ? found : found.filter((one) => one.interface === asked);
  const listed = there
    .filter(({ scope }) => scope === 'global')
    .map((one) => `${one.address}/${one.prefix} on ${one.interface}`);
  const other = own[0]?.interface;
  return new KeepalivedError({
    code: 'keepalived/not-in-subnet',
    message: `no interface${asked === undefined ? '' : ` ${asked}`} of the host is in the subnet of ${vip}`,
    where: { host },
    expected: `an address whose subnet holds ${vip}`,
    got: listed.length === 0 ? 'no address' : listed.join(', '),
    hint:
      other === undefined
        ? 'Take a free address of the subnet in which all members are.'
        : `Set \`interface: ${other}\`, or leave \`interface\` out: it is found by itself.`,
  });
}
