import { join } from 'node:path';
import type { Cluster, Paths } from './cluster.ts';
import { flags, type Start } from './start.ts';

/** The controllers; of several, the one that holds the lease works. */
export function startControllerManager(cluster: Cluster, paths: Paths): Start {
  const pki = (path: string): string => join(paths.etc, 'pki', path);
  const conf = join(paths.etc, 'controller-manager.conf');
  return {
    name: 'kube-controller-manager',
    description: `Kubernetes controllers of ${cluster.name}`,
    tellsReady: false,
    after: ['kube-apiserver'],
    privateTmp: false,
    argv: [
      join(paths.programs, 'kube-controller-manager'),
      ...flags({
        'bind-address': '127.0.0.1',
        // 1.20 still serves plain HTTP on 10252 unless told not to.
        port: 0,
        'leader-elect': true,
        kubeconfig: conf,
        'authentication-kubeconfig': conf,
        'authorization-kubeconfig': conf,
        'allocate-node-cidrs': true,
        'cluster-cidr': cluster.podSubnet,
        'cluster-name': cluster.name,
        'service-cluster-ip-range': cluster.serviceSubnet,
        'cluster-signing-cert-file': pki('ca.crt'),
        'cluster-signing-key-file': pki('ca.key'),
        'root-ca-file': pki('ca.crt'),
        'client-ca-file': pki('ca.crt'),
        'requestheader-client-ca-file': pki('front-proxy-ca.crt'),
        'service-account-private-key-file': pki('sa.key'),
        'use-service-account-credentials': true,
        controllers: '*,bootstrapsigner,tokencleaner',
      }),
    ],
  };
}
