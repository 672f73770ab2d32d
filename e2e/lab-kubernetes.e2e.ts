/** Kubernetes on lab hosts: units of a real systemd, and nodes that come and go with their power. */
import { expect, test } from 'vitest';
import { SystemClock } from '../src/base/clock.ts';
import type { Cluster } from '../src/lab/kubernetes/cluster.ts';
import { labMissing, type TestLab, withLab } from '../test/lab.ts';
import { clusterMissing, installCluster, kubectl } from '../test/lab-cluster.ts';
import { titleOf } from '../test/title-of.ts';

const clock = new SystemClock();
const missing = labMissing ?? clusterMissing;

const MASTER = { name: 'master-1', address: '10.63.1.11' };
const NODE = { name: 'node-1', address: '10.63.1.21' };
const CLUSTER: Cluster = {
  name: 'lab',
  etcd: [MASTER],
  controlPlane: [MASTER],
  nodes: [NODE],
  endpoint: { host: MASTER.address, port: 6443 },
  serviceSubnet: '10.96.0.0/16',
  podSubnet: '10.244.0.0/16',
};
const SITE = `
access: { user: root, identity: ~/.ssh/id_ed25519 }
hosts:
  ${MASTER.name}: ${MASTER.address}
  ${NODE.name}: ${NODE.address}
`;
/** The controllers call a node lost after 40 s; all else is for a busy machine. */
const PATIENCE_MS = 120_000;

/** Polls a field that kubectl prints until it is as wanted; while the API server is away it is empty. */
async function untilField(
  lab: TestLab,
  wanted: (value: string) => boolean,
  path: string,
  ...what: readonly string[]
): Promise<void> {
  const endMs = clock.monotonicMs() + PATIENCE_MS;
  for (;;) {
    const { stdout, stderr } = await get(lab, path, ...what);
    if (wanted(stdout)) return;
    if (clock.monotonicMs() > endMs) throw new Error(`${path} of ${what.join(' ')}: '${stdout}' ${stderr}`);
    await clock.sleep(500);
  }
}

function get(lab: TestLab, path: string, ...what: readonly string[]): ReturnType<TestLab['exec']> {
  return kubectl(lab, MASTER.name, ['get', ...what, '-o', `jsonpath={${path}}`]);
}

const untilReadyIs = (lab: TestLab, wanted: 'True' | 'Unknown'): Promise<void> =>
  untilField(
    lab,
    (value) => value === wanted,
    '.status.conditions[?(@.type=="Ready")].status',
    'node',
    NODE.name,
  );

test.skipIf(missing !== undefined)(
  titleOf('a node is lost with its power and back with it, and the cluster outlives a power cut', missing),
  { timeout: 6 * PATIENCE_MS },
  async () => {
    await withLab({ site: SITE, name: 'kubernetes' }, async (lab) => {
      await installCluster(lab, CLUSTER);
      await untilReadyIs(lab, 'True');

      await lab.powerOff(NODE.name);
      await untilReadyIs(lab, 'Unknown');
      await lab.powerOn(NODE.name);
      await untilReadyIs(lab, 'True');

      const lease = ['.spec.renewTime', '-n', 'kube-node-lease', 'lease', NODE.name] as const;
      const before = (await get(lab, ...lease)).stdout;
      expect(before).not.toBe('');
      await lab.powerOff(MASTER.name);
      await lab.powerOn(MASTER.name);
      // The node found the API server again, and what it wrote is newer than what etcd held through the cut.
      await untilField(lab, (value) => value > before, ...lease);
      await untilReadyIs(lab, 'True');
    });
  },
);
