/** The access overlay: a site as its lab is reached, with everything else as it was. Pure. */
import type { Endpoint, HostSpec, Site } from '../site/model.ts';
import type { LabFolders } from './folders.ts';
import { keyFiles } from './keys.ts';
import type { HostRecord, LabRecord } from './record.ts';
import { findHost } from './running-lab.ts';

/**
 * Replaces how hosts are reached: over SSH with the lab's key, held against the lab's host keys, whatever
 * ~/.ssh/config says. Users, ports and jump hosts stay; a sudo password is the lab's own. The digest stays that of the
 * file, so that a plan is the same for a lab and for the site.
 * @throws LabError `lab/no-such-host` where the file has a host that the lab lacks
 */
export function accessOverlay(folders: LabFolders, record: LabRecord): (site: Site) => Site {
  return (site) => ({
    ...site,
    hosts: new Map(
      [...site.hosts].map(([name, spec]) => [name, reach(spec, findHost(record, name), folders)]),
    ),
    endpoints: new Map(
      [...site.endpoints].map(([name, endpoint]) => [name, withLabAddresses(endpoint, record)]),
    ),
  });
}

function reach(spec: HostSpec, host: HostRecord, folders: LabFolders): HostSpec {
  const keys = keyFiles(folders.keys);
  const {
    password: _password,
    passphrase: _passphrase,
    hostKey: _hostKey,
    implied: _implied,
    ...rest
  } = spec;
  const addresses = host.addresses.map(({ address }) => address);
  return {
    ...rest,
    ...(host.insteadOf === undefined ? {} : { address: addresses[0] as string, addresses }),
    transport: 'ssh',
    identities: [keys.identity],
    knownHosts: [keys.knownHosts],
    sudo: host.sudo === 'password' ? { password: `file:${keys.sudoPassword}` } : host.sudo,
  };
}

/** Members are probed where the lab has their hosts. */
function withLabAddresses(endpoint: Endpoint, record: LabRecord): Endpoint {
  const members = endpoint.members.map((member) => {
    const host = record.hosts.find(({ name }) => name === member.host);
    const [first] = host?.addresses ?? [];
    const isMoved = first !== undefined && host?.insteadOf === member.address;
    return isMoved ? { ...member, address: first.address } : member;
  });
  return { ...endpoint, members };
}
