import { join } from 'node:path';
import { type Cluster, etcdUrls, type Machine, type Paths, PORTS } from './cluster.ts';
import { flags, type Start } from './start.ts';

/** An API server as kubeadm 1.20 starts it; it asks all members of etcd, not only the one beside it. */
export function startApiserver(cluster: Cluster, machine: Machine, paths: Paths): Start {
  const pki = (path: string): string => join(paths.etc, 'pki', path);
  return {
    name: 'kube-apiserver',
    description: `Kubernetes API server of ${cluster.name}`,
    tellsReady: true,
    after: ['etcd'],
    privateTmp: false,
    argv: [
      join(paths.programs, 'kube-apiserver'),
      ...flags({
        'advertise-address': machine.address,
        'bind-address': machine.address,
        'secure-port': PORTS.apiserver,
        'allow-privileged': true,
        'authorization-mode': 'Node,RBAC',
        'enable-admission-plugins': 'NodeRestriction',
        'client-ca-file': pki('ca.crt'),
        'tls-cert-file': pki('apiserver.crt'),
        'tls-private-key-file': pki('apiserver.key'),
        'etcd-servers': etcdUrls(cluster.etcd),
        'etcd-cafile': pki('etcd/ca.crt'),
        'etcd-certfile': pki('apiserver-etcd-client.crt'),
        'etcd-keyfile': pki('apiserver-etcd-client.key'),
        'kubelet-client-certificate': pki('apiserver-kubelet-client.crt'),
        'kubelet-client-key': pki('apiserver-kubelet-client.key'),
        'proxy-client-cert-file': pki('front-proxy-client.crt'),
        'proxy-client-key-file': pki('front-proxy-client.key'),
        'requestheader-client-ca-file': pki('front-proxy-ca.crt'),
        'requestheader-allowed-names': 'front-proxy-client',
        'requestheader-username-headers': 'X-Remote-User',
        'requestheader-group-headers': 'X-Remote-Group',
        'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
        'service-cluster-ip-range': cluster.serviceSubnet,
        'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
        'service-account-key-file': pki('sa.pub'),
        'service-account-signing-key-file': pki('sa.key'),
      }),
    ],
  };
}
