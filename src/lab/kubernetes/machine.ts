/** What one machine of a cluster gets: which programs start on it, and the files they read. */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../store/durable.ts';
import {
  type CertificateSpec,
  controlPlaneCertificates,
  etcdCertificates,
  nodeCertificate,
} from './certificates.ts';
import type { Cluster, Machine, Paths } from './cluster.ts';
import { type Issuing, issueCertificates } from './issue-certificates.ts';
import { kubeconfig } from './kubeconfig.ts';
import type { Start } from './start.ts';
import { startApiserver } from './start-apiserver.ts';
import { startControllerManager } from './start-controller-manager.ts';
import { startEtcd } from './start-etcd.ts';
import { startHollowNode } from './start-hollow-node.ts';
import { startScheduler } from './start-scheduler.ts';

/** Which parts a machine has, from where the cluster names it. */
interface Roles {
  readonly etcd: boolean;
  readonly controlPlane: boolean;
  readonly node: boolean;
}

/** Everything that starts on the machine, in the order in which it should. */
export function startsOf(cluster: Cluster, machine: Machine, paths: Paths): readonly Start[] {
  const { etcd, controlPlane, node } = rolesOf(cluster, machine);
  return [
    ...(etcd ? [startEtcd(cluster, machine, paths)] : []),
    ...(controlPlane
      ? [
          startApiserver(cluster, machine, paths),
          startControllerManager(cluster, paths),
          startScheduler(cluster, paths),
        ]
      : []),
    ...(node ? [startHollowNode(machine.name, paths)] : []),
  ];
}

/** Every certificate of the machine. */
export function certificatesOf(cluster: Cluster, machine: Machine): readonly CertificateSpec[] {
  const { etcd, controlPlane, node } = rolesOf(cluster, machine);
  return [
    ...(etcd ? etcdCertificates(machine) : []),
    ...(controlPlane ? controlPlaneCertificates(cluster, machine) : []),
    ...(node ? [nodeCertificate(machine.name)] : []),
  ];
}

/**
 * Fills a folder with what belongs into `/etc/kubernetes` of the machine: certificates, keys and kubeconfigs, all for
 * root only.
 * @param authorities the folder that makeAuthorities filled, the same for every machine of the cluster
 */
export async function writeMachine(
  cluster: Cluster,
  machine: Machine,
  o: Issuing & { readonly authorities: string; readonly folder: string },
): Promise<void> {
  const pki = join(o.folder, 'pki');
  for (const file of sharedFiles(rolesOf(cluster, machine))) await copy(o.authorities, pki, file);
  await issueCertificates(certificatesOf(cluster, machine), o.authorities, pki, o);
  for (const { path, commonName } of certificatesOf(cluster, machine)) {
    if (path.startsWith('users/')) await writeKubeconfig(cluster, { path, user: commonName }, o.folder);
  }
}

function rolesOf(cluster: Cluster, { name }: Machine): Roles {
  const isIn = (machines: readonly Machine[]): boolean => machines.some((each) => each.name === name);
  return { etcd: isIn(cluster.etcd), controlPlane: isIn(cluster.controlPlane), node: isIn(cluster.nodes) };
}

/** What is the same on every machine. Keys of authorities only where something is signed: the control plane. */
function sharedFiles({ etcd, controlPlane }: Roles): readonly string[] {
  return [
    'ca.crt',
    ...(etcd || controlPlane ? ['etcd/ca.crt'] : []),
    ...(controlPlane ? ['ca.key', 'front-proxy-ca.crt', 'sa.key', 'sa.pub'] : []),
  ];
}

/** `users/admin` → `admin.conf` */
async function writeKubeconfig(
  cluster: Cluster,
  { path, user }: { path: string; user: string },
  folder: string,
): Promise<void> {
  const pem = (file: string): Promise<string> => readFile(join(folder, 'pki', file), 'utf8');
  const content = kubeconfig({
    cluster: cluster.name,
    server: `https://${cluster.endpoint.host}:${cluster.endpoint.port}`,
    user,
    authority: await pem('ca.crt'),
    certificate: await pem(`${path}.crt`),
    key: await pem(`${path}.key`),
  });
  await replaceFile(join(folder, `${path.slice('users/'.length)}.conf`), content);
}

async function copy(from: string, to: string, file: string): Promise<void> {
  await mkdir(dirname(join(to, file)), { recursive: true, mode: 0o700 });
  await copyFile(join(from, file), join(to, file));
}
