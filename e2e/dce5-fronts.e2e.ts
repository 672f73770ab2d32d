/**
 * The name in front of the DCE 5.0 bootstrap pair, by each thing that the runbook names but the embedded DNS server,
 * which `dce5.e2e.ts` tells of: a zone file of BIND, signed updates (RFC 2136), HAProxy and nginx with keepalived. The
 * site file is the same but for the endpoint. Each begins with the pair as `apply` has built it behind the runbook's own
 * zones, mistakes and all.
 */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../src/lab/kubernetes/cluster.ts';
import {
  bindZone,
  clientGets,
  expectZones,
  type Front,
  proxies,
  putRunbookZones,
  serials,
  signedUpdates,
  siteBehind,
  trustNodes,
  VIP,
} from '../test/dce5-fronts.ts';
import {
  NAME,
  ORIGINAL,
  prepare,
  putOnOriginal,
  STANDBY,
  said,
  succeeds,
  untilRight,
} from '../test/dce5-lab.ts';
import { labMissing, nothingToDo, startLab, type TestLab } from '../test/lab.ts';
import { clusterMissing, installCluster, kubectl } from '../test/lab-cluster.ts';
import { startWatch } from '../test/lab-watch.ts';
import { titleOf } from '../test/title-of.ts';

/** The standby is on the master of the global cluster, as in the runbook. */
const MASTER = { name: 'standby', address: STANDBY };
const GLOBAL_CLUSTER: Cluster = {
  name: 'my-cluster',
  etcd: [MASTER],
  controlPlane: [MASTER],
  nodes: [],
  endpoint: { host: STANDBY, port: 6443 },
  serviceSubnet: '10.96.0.0/16',
  podSubnet: '10.244.0.0/16',
};
/** kubeadm's. */
const COREFILE = `.:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
    }
    forward . /etc/resolv.conf
    cache 30
}
`;
const BAD_BLOCKS: readonly [block: string, line: number, text: string][] = [
  [`    hosts {\n       ${ORIGINAL} ${NAME}\n       fallthrough\n    }\n`, 8, `${ORIGINAL} ${NAME}`],
  [
    '    rewrite name regex (.*)\\.tinder-node-server\\.com {1}.default.svc.cluster.local\n',
    7,
    'rewrite name regex',
  ],
];
const UP_MS = 240_000;
const STORY_MS = 240_000;

let lab: TestLab;

interface Line {
  readonly check: string;
  readonly member?: string;
  readonly ok: boolean;
  readonly text: string;
}

interface Tell {
  /** While the original answers. */
  readonly before: () => Promise<void>;
  /** While the standby answers, and the original has no power. */
  readonly after: () => Promise<void>;
}

/** From the pair as it was built to the standby that serves, behind one front. */
function story(front: Front, tell: Tell): void {
  test(
    `${front.driver} leads clients to the original, and to the standby when the original has no power`,
    async () => {
      await asBuilt();
      writeSite(front);
      await front.prepare?.(lab);
      const watch = await startWatch(lab);
      try {
        await succeeds(lab, 'apply', '--yes');
        await untilRight(async () => (await run('verify')).code, 0);
        await nothingToDo(lab);
        await clientGets(lab);
        await tell.before();

        await lab.powerOff('original');
        await clientGets(lab);
        await untilRight(wrongLines, '');
        await tell.after();
      } catch (error) {
        console.error(`${watch.said()}\njournals and consoles of the lab's hosts: ${await lab.keepLogs()}`);
        throw error;
      } finally {
        watch.child.kill('SIGTERM');
        await watch.ended;
      }
    },
    STORY_MS,
  );
}

/** The hosts as they were built, and nothing known of what was published in another story. */
async function asBuilt(): Promise<void> {
  await lab.restore('built');
  rmSync(lab.stateDir, { recursive: true, force: true });
}

const run = (...args: string[]) => lab.program.run(...args, '--lab');

function writeSite(front: Front, version = 'v1'): void {
  lab.site(siteBehind(front, version));
}

/** Lines of `verify` that fail though they do not speak of the original, which is off. */
async function wrongLines(): Promise<string> {
  const { checks } = JSON.parse((await run('verify', '--json')).stdout) as { checks: Line[] };
  for (const check of ['through', 'host'])
    expect(checks.some((line) => line.check === check && line.ok)).toBe(true);
  return checks
    .filter(({ ok, member }) => !ok && member !== 'original')
    .map(({ check, member, text }) => `${check} ${member}: ${text}`)
    .join('\n');
}

/** The runbook's order: clients are back at the original before it is upgraded, and the refusal says how. */
async function upgradesActiveOnly(front: Front): Promise<void> {
  await putOnOriginal(lab, 'v2');
  await succeeds(lab, 'switch', 'tinder', 'standby');
  writeSite(front, 'v2');
  const early = await run('upgrade', '--dry-run');
  expect(early.code, early.stdout + early.stderr).toBe(4);
  expect(early.stderr).toContain(`clients who ask for ${NAME} do not get the original 'original'`);
  expect(early.stderr).toContain('holdfast failback');
  await succeeds(lab, 'failback', 'tinder');
  const planned = await run('upgrade', '--dry-run');
  expect(planned.code, planned.stdout + planned.stderr).toBe(3);
  writeSite(front);
}

/** @returns kubectl's exit code */
async function putCorefile(Corefile: string): Promise<number> {
  const metadata = { name: 'coredns', namespace: 'kube-system' };
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile } };
  return (await kubectl(lab, MASTER.name, ['apply', '-f', '-'], JSON.stringify(map))).code;
}

async function holds(host: string, address: string): Promise<boolean> {
  return (await said(lab, host, `ip -o addr show to ${address}`)).includes(address);
}

describe.skipIf(labMissing !== undefined)(titleOf('in front of the bootstrap pair', labMissing), () => {
  beforeAll(async () => {
    lab = await startLab({ name: 'dce5-fronts', site: siteBehind(bindZone) });
    await prepare(lab, 'v1');
    await putRunbookZones(lab);
    await succeeds(lab, 'apply', '--yes', '--accept-final');
    await trustNodes(lab);
    await lab.snapshot('built');
  }, UP_MS);
  afterAll(() => lab?.down(), UP_MS);

  for (const front of [bindZone, signedUpdates]) {
    let then: number[];
    story(front, {
      async before() {
        await expectZones(lab, ORIGINAL);
        then = await serials(lab);
      },
      async after() {
        await expectZones(lab, STANDBY);
        for (const [index, serial] of (await serials(lab)).entries())
          expect(serial).toBeGreaterThan(then[index] as number);
      },
    });
  }

  test(
    'verify looks on every host: a name server that does not know the name, a host that trusts the original alone',
    async () => {
      await asBuilt();
      writeSite(bindZone);
      const clean = await run('verify');
      expect(clean.code, clean.stdout).toBe(0);
      for (const { name } of lab.hosts)
        expect(clean.stdout).toMatch(new RegExp(`^✓ +tinder +${name} +name `, 'm'));
      expect(clean.stdout).not.toContain("skopeo on 'client' refuses");

      // As the runbook's second name server: nobody there knows the name.
      await said(lab, 'client', 'echo nameserver 172.30.41.198 >> /etc/resolv.conf');
      await said(lab, 'client', `rm /etc/containers/certs.d/${NAME}/standby.crt`);
      const verify = await run('verify');
      expect(verify.code).toBe(1);
      expect(verify.stdout.match(/^✗.*/gm), verify.stdout).toHaveLength(1);
      expect(verify.stdout).toMatch(
        /^✗ +tinder +client +name .*its name server 172\.30\.41\.198 says nothing/m,
      );
      expect(verify.stdout).toContain(`skopeo on 'client' refuses the certificate of ${STANDBY}:`);
    },
    STORY_MS,
  );

  test.skipIf(clusterMissing !== undefined)(
    titleOf('the ConfigMap of CoreDNS, asked of a real API server, must not answer the name', clusterMissing),
    async () => {
      await asBuilt();
      writeSite(bindZone);
      await installCluster(lab, GLOBAL_CLUSTER);
      await untilRight(() => putCorefile(COREFILE), 0);
      const clean = await run('verify');
      expect(clean.code, clean.stdout).toBe(0);
      expect(clean.stdout).toMatch(/^✓ +tinder +standby +name .*CoreDNS: no line/m);

      for (const [block, line, text] of BAD_BLOCKS) {
        expect(await putCorefile(COREFILE.replace('    forward', `${block}    forward`))).toBe(0);
        const found = `the ConfigMap kube-system/coredns answers ${NAME} by itself, Corefile line ${line}: ${text}`;
        const remedy = '`kubectl -n kube-system edit cm coredns` on standby';
        const verify = await run('verify');
        expect(verify.code).toBe(1);
        expect(verify.stdout).toMatch(/^✗ +tinder +standby +name /m);
        expect(verify.stdout).toContain(found);
        expect(verify.stdout).toContain(remedy);
        const apply = await run('apply', '--yes');
        expect(apply.code, apply.stdout).toBe(4);
        expect(apply.stderr).toContain(`error dce5/coredns ${found}`);
        expect(apply.stderr).toContain(remedy);
      }

      expect(await putCorefile(COREFILE)).toBe(0);
      expect((await run('verify')).code).toBe(0);
      await nothingToDo(lab);
    },
    STORY_MS,
  );

  for (const front of [proxies.haproxy, proxies.nginx]) {
    story(front, {
      async before() {
        expect(await holds('lb1', VIP)).toBe(true);
        await upgradesActiveOnly(front);
      },
      async after() {
        expect(await said(lab, 'client', `getent hosts ${NAME}`)).toContain(VIP);
        await lab.powerOff('lb1');
        await clientGets(lab);
        expect(await holds('lb2', VIP)).toBe(true);
      },
    });
  }
});
