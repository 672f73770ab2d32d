/** Kubernetes on hosts of a lab, from the programs in the cache. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirOf } from '../src/app/cache-dir.ts';
import { SystemClock } from '../src/base/clock.ts';
import { controllerSpec, openLocal } from '../src/hosts/local.ts';
import { findBinaries } from '../src/lab/build/binaries.ts';
import { kubernetes } from '../src/lab/build/kubernetes.ts';
import type { Cluster } from '../src/lab/kubernetes/cluster.ts';
import { installMachine } from '../src/lab/kubernetes/install.ts';
import { makeAuthorities } from '../src/lab/kubernetes/issue-certificates.ts';
import { writeMachine } from '../src/lab/kubernetes/machine.ts';
import type { TestLab } from './lab.ts';

const binaries = await findBinaries(cacheDirOf(process.env), kubernetes);

/** Why there can be no cluster here, or undefined. */
export const clusterMissing: string | undefined =
  binaries === undefined ? 'no Kubernetes in the cache: holdfast lab build kubernetes' : undefined;

/** Resolves when the units of every machine are begun, not when they are ready. */
export async function installCluster(lab: TestLab, cluster: Cluster): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-cluster-'));
  try {
    const machine = openLocal(controllerSpec('root'), { clock: new SystemClock(), env: process.env });
    const issuing = { machine, signal: new AbortController().signal };
    const authorities = join(folder, 'authorities');
    await makeAuthorities(authorities, issuing);
    const machines = [...cluster.etcd, ...cluster.controlPlane, ...cluster.nodes];
    for (const [name, each] of new Map(machines.map((one) => [one.name, one]))) {
      const files = join(folder, name);
      await writeMachine(cluster, each, { ...issuing, authorities, folder: files });
      await installMachine(lab, { cluster, machine: each, files, programs: binaries?.folder as string });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** kubectl on a host of the control plane, as the cluster's administrator. */
export function kubectl(
  lab: TestLab,
  host: string,
  args: readonly string[],
  stdin?: string,
): ReturnType<TestLab['exec']> {
  const options = ['--kubeconfig=/etc/kubernetes/admin.conf', '--request-timeout=5s'];
  return lab.exec(host, ['kubectl', ...options, ...args], stdin === undefined ? {} : { stdin });
}
