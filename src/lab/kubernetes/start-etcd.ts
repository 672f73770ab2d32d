import { join } from 'node:path';
import { type Cluster, etcdUrls, type Machine, type Paths, PORTS } from './cluster.ts';
import { flags, type Start } from './start.ts';

/**
 * One member of etcd, with certificates asked of clients and of peers.
 * @param state `new` where the cluster starts for the first time, `existing` for a member that was added to one
 */
export function startEtcd(
  cluster: Cluster,
  member: Machine,
  paths: Paths,
  state: 'new' | 'existing' = 'new',
): Start {
  const pki = (path: string): string => join(paths.etc, 'pki/etcd', path);
  const initial = cluster.etcd.map(({ name, address }) => `${name}=https://${address}:${PORTS.etcdPeer}`);
  return {
    name: 'etcd',
    description: `etcd of ${cluster.name}`,
    tellsReady: true,
    after: [],
    privateTmp: false,
    argv: [
      join(paths.etcdPrograms, 'etcd'),
      ...flags({
        name: member.name,
        'data-dir': paths.etcdData,
        'listen-client-urls': etcdUrls([member, { name: 'localhost', address: '127.0.0.1' }]),
        'advertise-client-urls': etcdUrls([member]),
        'listen-peer-urls': etcdUrls([member], PORTS.etcdPeer),
        'initial-advertise-peer-urls': etcdUrls([member], PORTS.etcdPeer),
        'initial-cluster': initial.join(','),
        'initial-cluster-state': state,
        'initial-cluster-token': cluster.name,
        'client-cert-auth': true,
        'cert-file': pki('server.crt'),
        'key-file': pki('server.key'),
        'trusted-ca-file': pki('ca.crt'),
        'peer-client-cert-auth': true,
        'peer-cert-file': pki('peer.crt'),
        'peer-key-file': pki('peer.key'),
        'peer-trusted-ca-file': pki('ca.crt'),
      }),
    ],
  };
}
