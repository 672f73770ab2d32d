/**
 * The story of the DCE 5.0 runbook in the lab: build, verify, power off the original, automatic switch, pushes to the
 * standby meanwhile, original back, failback once both hold the same, upgrade of both. The vendor's installer is the
 * lab's stand-in; registry, files, charts, DNS and certificates are real.
 */
import { expect, test } from 'vitest';
import {
  hostsOf,
  NAME,
  ORIGINAL,
  prepare,
  putOnOriginal,
  STANDBY,
  said,
  siteOf,
  succeeds,
  untilRight,
  whoAnswers,
  writeSite,
} from '../test/dce5-lab.ts';
import { labMissing, nothingToDo, type TestLab, withLab } from '../test/lab.ts';
import { startWatch } from '../test/lab-watch.ts';
import { titleOf } from '../test/title-of.ts';

const LIMIT_MS = 600_000;

test.skipIf(labMissing !== undefined)(
  titleOf('the bootstrap pair, from nothing to the upgrade', labMissing),
  async () =>
    await withLab({ name: 'dce5', site: siteOf('v1') }, async (lab) => {
      await prepare(lab, 'v1');
      const tooEarly = await lab.program.run('apply', '--yes', '--accept-final', '--lab');
      expect(tooEarly.code, 'the name leads nowhere yet').toBe(4);
      expect(await hostsOf(lab, 'original')).not.toContain(NAME);

      await startWatch(lab);
      await untilRight(async () => (await lab.program.run('force', 'original', '--lab')).code, 0);
      await untilRight(() => whoAnswers(lab), ORIGINAL);
      await succeeds(lab, 'apply', '--yes', '--accept-final');
      await isBuilt(lab);
      await nothingToDo(lab);
      await succeeds(lab, 'release');
      await succeeds(lab, 'verify');
      await clientGets(lab, 'v1');

      await lab.powerOff('original');
      await untilRight(() => whoAnswers(lab), STANDBY);
      await clientGets(lab, 'v1');
      await push(lab, 'standby', 'meanwhile');
      await lab.powerOn('original');
      await untilRight(
        async () => (await lab.program.run('status', '--lab')).stdout.includes('daocloud/kpanda:meanwhile'),
        true,
      );
      expect(await whoAnswers(lab), 'the original lacks what was pushed meanwhile').toBe(STANDBY);

      await putOnOriginal(lab, 'v2');
      writeSite(lab, 'v2');
      const refused = await lab.program.run('upgrade', '--yes', '--accept-final', '--lab');
      expect(refused.code).toBe(4);
      expect(refused.stderr).toContain('holdfast failback tinder');
      expect(await hostsOf(lab, 'original')).not.toContain(NAME);

      await push(lab, 'original', 'meanwhile');
      await untilRight(() => whoAnswers(lab), ORIGINAL);
      await succeeds(lab, 'upgrade', '--yes', '--accept-final');
      for (const host of ['original', 'standby']) {
        const config = await said(lab, host, 'cat /etc/dce5/clusterConfig.yaml');
        expect(config).toContain('fullPackagePath: /home/offline-v2');
        expect(await said(lab, host, `curl -fsSk https://127.0.0.1/v2/daocloud/kpanda/tags/list`)).toContain(
          '"v2"',
        );
        expect(await hostsOf(lab, host)).not.toContain(NAME);
      }
      await clientGets(lab, 'v2');
      await succeeds(lab, 'verify');
    }),
  LIMIT_MS,
);

/** What a person would look at after the runbook: both tables filled in, nobody's hosts file touched. */
async function isBuilt(lab: TestLab): Promise<void> {
  const sans = (host: string): Promise<string> =>
    said(lab, host, 'openssl x509 -noout -ext subjectAltName -in /var/lib/dce5-standin/certs/server.crt');
  expect(await sans('original')).toContain(`DNS:${NAME}, IP Address:${ORIGINAL}`);
  expect(await sans('standby')).toContain(`IP Address:${STANDBY}, DNS:${NAME}`);
  expect(await said(lab, 'original', 'cat /var/lib/dce5-standin/cluster-created')).toContain('g-master1');
  expect(await said(lab, 'standby', 'ls /var/lib/dce5-standin')).not.toContain('cluster-created');
  for (const host of ['original', 'standby']) {
    expect(await hostsOf(lab, host)).not.toContain(NAME);
    expect(await said(lab, host, 'stat -c %a /etc/dce5/clusterConfig.yaml')).toBe('600\n');
    expect(await said(lab, host, 'cat /etc/dce5/clusterConfig.yaml')).toContain('a root password');
  }
  const sums = 'cd /home && find . -type f ! -name "*.holdfast-*" -exec sha256sum {} + | sort';
  expect(await said(lab, 'standby', sums)).toBe(await said(lab, 'original', sums));
}

/** The runbook's four checks, by the name, from the client. */
async function clientGets(lab: TestLab, version: string): Promise<void> {
  const line = `set -e
curl -fsS http://${NAME}:9000/kubean/v2.28.1/kubelet
curl -fsS http://${NAME}:8081/index.yaml | grep -c 0.1.0-${version}
skopeo copy --quiet --src-tls-verify=false docker://${NAME}/daocloud/kpanda:${version} dir:/tmp/pulled-${version}
curl -fsSk https://${NAME}/v2/`;
  await untilRight(async () => (await lab.exec('client', line)).code, 0);
}

/** As a person who builds pushes, to one node by itself. */
async function push(lab: TestLab, host: string, tag: string): Promise<void> {
  const image = `docker://127.0.0.1/daocloud/kpanda`;
  const line = `skopeo copy --quiet --src-tls-verify=false --dest-tls-verify=false ${image}:v1 ${image}:${tag}`;
  await untilRight(async () => (await lab.exec(host, line)).code, 0);
}
