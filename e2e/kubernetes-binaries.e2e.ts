/** The programs that `holdfast lab build` made, and the way the lab starts them: a cluster of one machine that works. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheDirOf } from '../src/app/cache-dir.ts';
import { SystemClock } from '../src/base/clock.ts';
import { findBinaries } from '../src/lab/build/binaries.ts';
import { etcd } from '../src/lab/build/etcd.ts';
import { kubernetes } from '../src/lab/build/kubernetes.ts';
import type { Cluster } from '../src/lab/kubernetes/cluster.ts';
import { type ControlPlane, controlPlaneMissing, startControlPlane } from '../test/control-plane.ts';
import { titleOf } from '../test/title-of.ts';

const clock = new SystemClock();
const cache = cacheDirOf(process.env);
const sets = {
  kubernetes: await findBinaries(cache, kubernetes),
  etcd: await findBinaries(cache, etcd),
};
const missing = controlPlaneMissing(sets);

const MACHINE = { name: 'hollow-1', address: '10.99.0.1' };
const CLUSTER: Cluster = {
  name: 'lab',
  etcd: [MACHINE],
  controlPlane: [MACHINE],
  nodes: [MACHINE],
  endpoint: { host: MACHINE.address, port: 6443 },
  serviceSubnet: '10.96.0.0/16',
  podSubnet: '10.244.0.0/16',
};
/** From nothing to a Ready node, on two cores that others use too. */
const PATIENCE_MS = 180_000;

describe.skipIf(missing !== undefined)(titleOf('a cluster of the programs in the cache', missing), () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane(CLUSTER, {
      programs: sets.kubernetes?.folder as string,
      etcdPrograms: sets.etcd?.folder as string,
    });
  });
  afterAll(async () => {
    await plane?.[Symbol.asyncDispose]();
  });

  /** Polls kubectl until its output is as wanted, and says what the programs said where it never is. */
  async function untilKubectl(wanted: RegExp, ...args: readonly string[]): Promise<void> {
    const endMs = clock.monotonicMs() + PATIENCE_MS;
    for (;;) {
      const { stdout, stderr } = await plane.kubectl('admin', ...args);
      if (wanted.test(stdout)) return;
      if (clock.monotonicMs() > endMs)
        throw new Error(`kubectl ${args.join(' ')}: ${stdout}${stderr}\n${await plane.logs()}`);
      await clock.sleep(500);
    }
  }

  test('its node registers and becomes Ready', { timeout: PATIENCE_MS + 10_000 }, async () => {
    const ready = '{.status.conditions[?(@.type=="Ready")].status} {.status.nodeInfo.kubeletVersion}';
    await untilKubectl(/^True v1\.20\.2$/, 'get', 'node', MACHINE.name, '-o', `jsonpath=${ready}`);
  });

  test('its API server is ready as a load balancer asks it, without a certificate', {
    timeout: PATIENCE_MS + 10_000,
  }, async () => {
    const ca = join(plane.paths.etc, 'pki/ca.crt');
    const url = 'https://10.99.0.1:6443/readyz';
    // Without a certificate it answers 403 until it has written its own roles (rbac/bootstrap-roles), and 500 until all
    // of its start hooks are done.
    const answer = async (): Promise<string> =>
      (await plane.namespaces.run(['curl', '-sS', '--cacert', ca, url])).stdout;
    await expect.poll(answer, { timeout: PATIENCE_MS, interval: 500 }).toBe('ok');
  });

  test('scheduler and controllers work: a pod is placed and runs', {
    timeout: PATIENCE_MS + 10_000,
  }, async () => {
    // The service account's token comes from the controllers; until then the pod is refused.
    await untilKubectl(
      /default-token/,
      'get',
      'serviceaccount',
      'default',
      '-o',
      'jsonpath={.secrets[*].name}',
    );
    const created = await plane.kubectl('admin', 'run', 'probe', '--image=registry.example/probe:1');
    expect(created).toMatchObject({ code: 0 });
    const where = 'jsonpath={.status.phase} {.spec.nodeName}';
    await untilKubectl(/^Running hollow-1$/, 'get', 'pod', 'probe', '-o', where);
  });

  test('who leads is in leases, as every tool of the field asks', async () => {
    for (const name of ['kube-controller-manager', 'kube-scheduler']) {
      const holder = ['get', 'lease', name, '-n', 'kube-system', '-o', 'jsonpath={.spec.holderIdentity}'];
      expect((await plane.kubectl('admin', ...holder)).stdout).not.toBe('');
    }
  });

  test('a node may not read secrets that are none of its pods’', async () => {
    const { code, stderr } = await plane.kubectl('kubelet', 'get', 'secrets', '-A');
    expect(code).toBe(1);
    expect(stderr).toContain('User "system:node:hollow-1" cannot list resource "secrets"');
  });

  test('etcd answers those with a certificate, and only those', async () => {
    const pki = (file: string): string => join(plane.paths.etc, 'pki/etcd', file);
    const health = [
      'env',
      'ETCDCTL_API=3',
      join(plane.paths.etcdPrograms, 'etcdctl'),
      `--cacert=${pki('ca.crt')}`,
      '--endpoints=https://10.99.0.1:2379',
      '--dial-timeout=3s',
    ];
    const known = [`--cert=${pki('healthcheck-client.crt')}`, `--key=${pki('healthcheck-client.key')}`];
    const asked = await plane.namespaces.run([...health, ...known, 'endpoint', 'health']);
    expect(asked.stdout + asked.stderr).toContain('is healthy');
    expect((await plane.namespaces.run([...health, 'endpoint', 'health'])).code).not.toBe(0);
  });
});
