/**
 * The story of the DCE 5.0 runbook in the lab: build, verify, power off the original, automatic switch, pushes to the
 * standby meanwhile, original back, failback once both hold the same, upgrade of both. The vendor's installer is the
 * lab's stand-in; registry, files, charts, DNS and certificates are real.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SystemClock } from '../src/base/clock.ts';
import { putPackage } from '../test/dce5-package.ts';
import { labMissing, type TestLab, withLab } from '../test/lab.ts';
import { titleOf } from '../test/title-of.ts';

const STANDIN = join(import.meta.dirname, '../src/lab/standins/dce5-installer');
const NAME = 'www.tinder-node-server.com';
const [DNS, ORIGINAL, STANDBY] = ['172.30.41.192', '172.30.41.193', '172.30.41.194'];
/** The example as it stands, quicker, with what the lab has in place of the vendor's tools and of MinIO. */
const EXAMPLE = readFileSync(join(import.meta.dirname, '../examples/dce5-build/site.yaml'), 'utf8');
const siteOf = (version: string): string =>
  EXAMPLE.slice(EXAMPLE.indexOf('access:'))
    .replace('after: 10m', 'after: 5s')
    .replace('/home/offline-fix-dns', `/home/offline-${version}`)
    .replace('    masterNodes:', '    tools: [skopeo, openssl, curl]\n    masterNodes:')
    .concat('    files: { compare: { index: /kubean/SHA256SUMS } }\n');
const HEAD = 'apiVersion: holdfast/v1\nkind: Site\nmetadata: { name: dce5 }\n';
const LIMIT_MS = 600_000;
const clock = new SystemClock();

test.skipIf(labMissing !== undefined)(
  titleOf('the bootstrap pair, from nothing to the upgrade', labMissing),
  async () =>
    await withLab({ name: 'dce5', site: siteOf('v1') }, async (lab) => {
      lab.program.env.G_MASTER1_PASSWORD = 'a root password';
      for (const host of ['original', 'standby', 'client'])
        await lab.exec(host, `echo 'nameserver ${DNS}' > /etc/resolv.conf`);
      await putOnOriginal(lab, 'v1');
      await lab.exec(
        'original',
        'cd /home && head -c 3000000 /dev/urandom > CentOS-79-x86_64-DVD-2009.iso && echo os > os-pkgs-centos7-v0.4.8.tar.gz',
      );

      const tooEarly = await lab.program.run('apply', '--yes', '--accept-final', '--lab');
      expect(tooEarly.code, 'the name leads nowhere yet').toBe(4);
      expect(await hostsOf(lab, 'original')).not.toContain(NAME);

      lab.program.start('watch', '--lab');
      await untilRight(async () => (await lab.program.run('force', 'original', '--lab')).code, 0);
      await untilRight(() => whoAnswers(lab), ORIGINAL);
      await succeeds(lab, 'apply', '--yes', '--accept-final');
      await isBuilt(lab);
      const again = await lab.program.run('plan', '--lab');
      expect(again.code, again.stdout + again.stderr).toBe(0);
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
      lab.program.site(HEAD + siteOf('v2'));
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

async function putOnOriginal(lab: TestLab, version: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-dce5-package-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const package_ = join(folder, `offline-${version}`);
  putPackage(package_, version);
  copyFileSync(STANDIN, join(package_, 'dce5-installer'));
  const stdin = execFileSync('tar', ['-c', '-C', folder, `offline-${version}`], {
    maxBuffer: 64 * 1024 * 1024,
  });
  await lab.exec('original', 'tar -x -C /home', { stdin });
}

/** As a person who builds pushes, to one node by itself. */
async function push(lab: TestLab, host: string, tag: string): Promise<void> {
  const image = `docker://127.0.0.1/daocloud/kpanda`;
  const line = `skopeo copy --quiet --src-tls-verify=false --dest-tls-verify=false ${image}:v1 ${image}:${tag}`;
  await untilRight(async () => (await lab.exec(host, line)).code, 0);
}

async function whoAnswers(lab: TestLab): Promise<string> {
  return (await lab.exec('client', `dig +short +time=1 +tries=1 ${NAME}`)).stdout.trim();
}

function hostsOf(lab: TestLab, host: string): Promise<string> {
  return said(lab, host, 'cat /etc/hosts');
}

async function said(lab: TestLab, host: string, command: string): Promise<string> {
  const { code, stdout, stderr } = await lab.exec(host, command);
  expect(code, `${host}: ${command}: ${stderr}`).toBe(0);
  return stdout;
}

async function succeeds(lab: TestLab, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await lab.program.run(...args, '--lab');
  expect(code, `${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
}

/** Polls with a deadline that a busy machine keeps; what came last is in the message. */
async function untilRight<T>(ask: () => Promise<T>, wanted: T): Promise<void> {
  const endMs = clock.monotonicMs() + 90_000;
  for (;;) {
    const got = await ask();
    if (got === wanted) return;
    if (clock.monotonicMs() > endMs) expect(got).toBe(wanted);
    await clock.sleep(300);
  }
}
