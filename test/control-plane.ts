/** A whole Kubernetes cluster of one machine, of the programs in the cache, in namespaces of its own. */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SystemClock } from '../src/base/clock.ts';
import { controllerSpec, openLocal } from '../src/hosts/local.ts';
import type { Cluster, Paths } from '../src/lab/kubernetes/cluster.ts';
import { makeAuthorities } from '../src/lab/kubernetes/issue-certificates.ts';
import { startsOf, writeMachine } from '../src/lab/kubernetes/machine.ts';
import { type Namespaces, namespacesMissing, openNamespaces } from './namespaced-processes.ts';

export interface ControlPlane extends AsyncDisposable {
  readonly namespaces: Namespaces;
  readonly paths: Paths;
  /** Runs kubectl as one of the cluster's users, e.g. `admin`. */
  kubectl(user: string, ...args: readonly string[]): ReturnType<Namespaces['run']>;
  /** The end of what each program has said, for the message of a test that fails. */
  logs(): Promise<string>;
}

/** Why none can be started here, or undefined. */
export function controlPlaneMissing(programs: Readonly<Record<string, unknown>>): string | undefined {
  const absent = Object.keys(programs).filter((name) => programs[name] === undefined);
  if (absent.length > 0) return `not in the cache: ${absent.join(', ')} (holdfast lab build)`;
  return namespacesMissing;
}

/** Starts everything at once, as after a power cut: the programs wait for each other. */
export async function startControlPlane(
  cluster: Cluster,
  programs: Pick<Paths, 'programs' | 'etcdPrograms'>,
): Promise<ControlPlane> {
  // Not below /tmp: the programs get one of their own.
  const folder = await mkdtemp('/var/tmp/holdfast-control-plane-');
  const paths: Paths = { ...programs, etc: join(folder, 'etc'), etcdData: join(folder, 'etcd') };
  const machine = openLocal(controllerSpec('root'), { clock: new SystemClock(), env: process.env });
  const issuing = { machine, signal: new AbortController().signal };
  const authorities = join(folder, 'authorities');
  await makeAuthorities(authorities, issuing);
  const [self] = cluster.controlPlane;
  if (self === undefined) throw new Error('a cluster without a control plane');
  await writeMachine(cluster, self, { ...issuing, authorities, folder: paths.etc });
  const logFolder = join(folder, 'logs');
  await mkdir(logFolder);
  const namespaces = await openNamespaces(logFolder, [self.address]);
  for (const { name, argv } of startsOf(cluster, self, paths)) namespaces.start(name, argv);
  return {
    namespaces,
    paths,
    kubectl: (user, ...args) =>
      namespaces.run([
        join(paths.programs, 'kubectl'),
        `--kubeconfig=${join(paths.etc, `${user}.conf`)}`,
        '--request-timeout=10s',
        ...args,
      ]),
    logs: () => tailsOf(logFolder),
    async [Symbol.asyncDispose]() {
      await namespaces[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function tailsOf(folder: string): Promise<string> {
  const names = await readdir(folder);
  const tails = names.map(async (name) => {
    const lines = (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n');
    return `--- ${name}\n${lines.slice(-15).join('\n')}`;
  });
  return (await Promise.all(tails)).join('\n');
}
