import { join } from 'node:path';
import type { Cluster, Paths } from './cluster.ts';
import { flags, type Start } from './start.ts';

/** The scheduler; of several, the one that holds the lease works. */
export function startScheduler(cluster: Cluster, paths: Paths): Start {
  const conf = join(paths.etc, 'scheduler.conf');
  return {
    name: 'kube-scheduler',
    description: `Kubernetes scheduler of ${cluster.name}`,
    tellsReady: false,
    after: ['kube-apiserver'],
    privateTmp: false,
    argv: [
      join(paths.programs, 'kube-scheduler'),
      ...flags({
        'bind-address': '127.0.0.1',
        // 1.20 still serves plain HTTP on 10251 unless told not to.
        port: 0,
        'leader-elect': true,
        kubeconfig: conf,
        'authentication-kubeconfig': conf,
        'authorization-kubeconfig': conf,
      }),
    ],
  };
}
