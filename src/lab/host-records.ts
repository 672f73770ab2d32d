/** From the hosts of a site to the hosts of a lab. Pure. */
import type { HostSpec, Site } from '../site/model.ts';
import type { LabNetwork } from './network.ts';
import type { HostRecord } from './record.ts';
import { standinsOf } from './standins.ts';

/** An interface's name has 15 characters at most (IFNAMSIZ), of which nspawn takes `vb-`. */
const LONGEST_MACHINE = 12;

/**
 * Every host becomes a lab host that is reached over SSH, one with `transport: local` too: in a lab the controller is
 * no host.
 * @param standins to install on all hosts
 */
export function hostRecords(site: Site, network: LabNetwork, standins: readonly string[]): HostRecord[] {
  return network.hosts.map(({ host, addresses, gateways }, index) => {
    const spec = site.hosts.get(host) as HostSpec;
    const isUsable = addresses.some(({ address }) => address === spec.address.toLowerCase());
    return {
      name: host,
      ...(isUsable ? {} : { insteadOf: spec.address }),
      addresses: [...addresses],
      gateways: [...gateways],
      port: spec.port,
      user: spec.user,
      sudo: typeof spec.sudo === 'string' ? spec.sudo : 'password',
      machine: machineName(host, index),
      standins: standinsOf(spec, standins),
    };
  });
}

/** The host's own name where it fits; otherwise its beginning and its number, which no other host has. */
function machineName(host: string, index: number): string {
  const plain = host.replace(/[^A-Za-z0-9-]/g, '-');
  if (plain === host && host.length <= LONGEST_MACHINE) return host;
  return `${plain.slice(0, LONGEST_MACHINE - 4)}-${index}`;
}
