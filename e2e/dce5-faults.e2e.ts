/**
 * What goes wrong around the bootstrap pair of DCE 5.0, on lab hosts: a line in a hosts file, certificates without the
 * name, no DNS server, a program killed in the middle of the package, an installer that fails. Each begins with the
 * pair as `holdfast apply` has built it; `watch` runs all the time, and the name is forced to the original.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
import { labMissing, nothingToDo, startLab, type TestLab } from '../test/lab.ts';
import type { Running } from '../test/program.ts';
import { titleOf } from '../test/title-of.ts';

const UP_MS = 240_000;
const STORY_MS = 180_000;
const HOSTS = ['original', 'standby', 'client'];
const CERTIFICATES = '/var/lib/dce5-standin/certs';
const UPGRADE = ['upgrade', '--yes', '--accept-final'] as const;

let lab: TestLab;
let watch: Running;

/** One story, from the pair as it was built; where it fails, the hosts' logs are kept. */
function story(title: string, tell: () => Promise<void>): void {
  test(
    title,
    async () => {
      await lab.restore('built');
      writeSite(lab, 'v1');
      await succeeds(lab, 'force', 'original');
      await untilRight(() => whoAnswers(lab), ORIGINAL);
      await untilRight(async () => (await run('verify')).code, 0);
      try {
        await tell();
      } catch (error) {
        console.error(`journals and consoles of the lab's hosts: ${await lab.keepLogs()}`);
        throw error;
      }
    },
    STORY_MS,
  );
}

const run = (...args: string[]) => lab.program.run(...args, '--lab');

describe.skipIf(labMissing !== undefined)(titleOf('faults around the bootstrap pair', labMissing), () => {
  beforeAll(async () => {
    lab = await startLab({ name: 'dce5-faults', site: siteOf('v1') });
    await prepare(lab, 'v1');
    watch = lab.program.start('watch', '--lab');
    await untilRight(async () => {
      expect(watch.child.exitCode, watch.said()).toBeNull();
      const { code, stderr } = await run('force', 'original');
      return code === 0 ? 'forced' : stderr;
    }, 'forced');
    await untilRight(() => whoAnswers(lab), ORIGINAL);
    await succeeds(lab, 'apply', '--yes', '--accept-final');
    await lab.snapshot('built');
  }, UP_MS);
  afterAll(() => lab?.down(), UP_MS);

  // First: at its third fall within minutes the original would be passed over as one that flaps.
  story(
    'an original that comes back with a wrong certificate gets no clients before it is right',
    async () => {
      const lacks = `the certificate of original does not cover ${NAME}, only IP Address:${ORIGINAL}`;
      const registry = 'dce5-standin-registry';
      await succeeds(lab, 'release');
      await said(lab, 'original', `cp -a ${CERTIFICATES} /root/right && systemctl stop ${registry}`);
      await untilRight(() => whoAnswers(lab), STANDBY);
      await serveWrongCertificate('original', ORIGINAL);
      const waits = `failback waits: original is well but not fit to lead yet: ${lacks}`;
      await untilRight(async () => (await run('status')).stdout.includes(waits), true);
      const refused = await run('failback');
      expect(refused.code, refused.stdout + refused.stderr).toBe(4);
      expect(refused.stderr).toContain(`original is not fit to lead: ${lacks}`);
      expect(await whoAnswers(lab)).toBe(STANDBY);

      await said(lab, 'original', `cp -a /root/right/. ${CERTIFICATES} && systemctl restart ${registry}`);
      await untilRight(() => whoAnswers(lab), ORIGINAL);
    },
  );

  story('a line in a hosts file is named, stops an upgrade, and is taken out by apply', async () => {
    const before = await hostsOf(lab, 'client');
    const line = before.split('\n').length;
    await said(lab, 'client', `echo '${STANDBY} alias ${NAME}' >> /etc/hosts`);
    const plan = await run('plan');
    expect(plan.code, plan.stderr).toBe(3);
    expect(plan.stderr).toContain(
      `client:/etc/hosts:${line}:1 warning dce5/override /etc/hosts:${line} gives ${NAME} the address ${STANDBY}`,
    );
    expect(plan.stdout).toContain(`-${STANDBY} alias ${NAME}`);

    await putOnOriginal(lab, 'v2');
    writeSite(lab, 'v2');
    const upgrade = await run(...UPGRADE);
    expect(upgrade.code, upgrade.stderr).toBe(4);
    expect(upgrade.stderr).toMatch(
      new RegExp(`client: getent: ${STANDBY.replaceAll('.', '\\.')}; .*/etc/hosts: line ${line}`),
    );
    expect(await said(lab, 'original', 'cat /etc/dce5/clusterConfig.yaml')).not.toContain('offline-v2');

    writeSite(lab, 'v1');
    await succeeds(lab, 'apply', '--yes');
    expect(await hostsOf(lab, 'client')).not.toContain(NAME);
    await nothingToDo(lab);
  });

  story(
    'a standby whose certificate lacks the name is not switched to, and told until it is issued again',
    async () => {
      const lacks = `the certificate of standby does not cover ${NAME}, only IP Address:${STANDBY}`;
      await serveWrongCertificate('standby', STANDBY);
      await untilRight(async () => (await run('verify')).stdout.includes(lacks), true);
      await succeeds(lab, 'release');
      const refused = await run('switch', 'standby');
      expect(refused.code, refused.stdout + refused.stderr).toBe(4);
      expect(refused.stderr).toContain(`standby is not fit to lead: ${lacks}`);
      expect(await whoAnswers(lab)).toBe(ORIGINAL);
      const plan = await run('plan');
      expect(plan.code, plan.stdout + plan.stderr).toBe(3);
      expect(plan.stdout).toContain('dce5/standby/certificate');
      expect(plan.stdout).not.toContain('dce5/original/certificate');

      // As the warning says: its clusterConfig.yaml is right, so install again.
      const again = '/home/offline-v1/dce5-installer cluster-create -c /etc/dce5/clusterConfig.yaml -j 2,3';
      await said(lab, 'standby', `rm /var/lib/dce5-standin/certs/sans && ${again}`);
      await untilRight(async () => (await run('verify')).stdout.includes('does not cover'), false);
      await nothingToDo(lab);
    },
  );

  story('without the DNS server verify and plan say so, nothing is changed, and it comes back', async () => {
    watch.child.kill('SIGKILL');
    await watch.ended;
    for (const host of HOSTS) expect((await lab.exec(host, `getent ahosts ${NAME}`)).code, host).not.toBe(0);
    const verify = await run('verify');
    expect(verify.code, verify.stdout).toBe(1);
    expect(verify.stdout).toMatch(/^✗ .* clients .*172\.30\.41\.192#53 cannot be reached/m);
    const apply = await run('apply', '--yes', '--accept-final');
    expect(apply.code, apply.stderr).toBe(4);
    for (const host of HOSTS) expect(apply.stdout + apply.stderr).toContain(`dce5/${host}/name`);
    expect(apply.stdout + apply.stderr).toContain(`this host gets no address for ${NAME}`);
    for (const host of HOSTS) expect(await hostsOf(lab, host)).not.toContain(NAME);

    watch = lab.program.start('watch', '--lab');
    await untilRight(() => whoAnswers(lab), ORIGINAL);
    await untilRight(async () => (await run('verify')).code, 0);
  });

  story('killed in the middle of the package, resume goes on where it stopped', async () => {
    const large = 120_000_000;
    const file = 'offline-v2/images/large.tar';
    await putOnOriginal(lab, 'v2');
    await said(lab, 'original', `head -c ${large} /dev/urandom > /home/${file}`);
    writeSite(lab, 'v2');
    const beforeBytes = await receivedBytes();
    const runs = lab.program.start(...UPGRADE, '--lab');
    const staged = async (): Promise<number> =>
      Number(
        (await lab.exec('standby', `stat -c %s /home/.offline-v2.holdfast-part/${file} || echo 0`)).stdout,
      );
    const enough = large / 4;
    await untilRight(async () => runs.child.exitCode !== null || (await staged()) >= enough, true, 10);
    runs.child.kill('SIGKILL');
    await runs.ended;
    expect((await lab.exec('standby', 'ls /home/offline-v2')).code, 'not whole, so not in place').not.toBe(0);
    expect(await staged()).toBeGreaterThanOrEqual(enough);

    await succeeds(lab, 'resume');
    const sums = `cd /home && find offline-v2 -type f -exec sha256sum {} + | sort`;
    expect(await said(lab, 'standby', sums)).toBe(await said(lab, 'original', sums));
    const gotBytes = (await receivedBytes()) - beforeBytes;
    expect(gotBytes).toBeGreaterThan(large);
    expect(gotBytes, 'from the beginning again it would be a quarter more').toBeLessThan(large * 1.15);
    await nothingToDo(lab);
  });

  story('an installer that fails shows the end of its log, and resume runs it again', async () => {
    await putOnOriginal(lab, 'v2');
    await said(lab, 'original', 'echo 4 > /home/offline-v2/fail-at-step');
    writeSite(lab, 'v2');
    const failed = await run(...UPGRADE);
    expectInstallerFailed(failed, 'original');
    const id = /to go on: {3}holdfast resume (\S+) --lab/.exec(failed.stderr)?.[1];
    const journal = readFileSync(`${lab.stateDir}/runs/${id}/journal.jsonl`, 'utf8');
    expect(journal).toContain('step 4 failed');
    expect(journal, 'its password is in the file that the installer reads').not.toContain('a root password');
    expect(await tagsOf('standby'), 'clients still have what they had').toContain('"v1"');
    expect(await said(lab, 'standby', 'cat /etc/dce5/clusterConfig.yaml')).toContain('/home/offline-v1');

    await said(lab, 'original', 'rm /home/offline-v2/fail-at-step');
    // The same package was copied: there it fails, too.
    const half = await run('resume');
    expectInstallerFailed(half, 'standby');
    expect(await tagsOf('original')).toContain('"v2"');
    await said(lab, 'standby', 'rm /home/offline-v2/fail-at-step');
    await succeeds(lab, 'resume');
    expect(await tagsOf('standby')).toContain('"v2"');
    for (const host of HOSTS) expect(await hostsOf(lab, host)).not.toContain(NAME);
    await untilRight(async () => (await run('verify')).code, 0);
    await nothingToDo(lab);
  });
});

/** Self-signed for the address alone, as one that was copied or made by hand; its registry serves it at once. */
async function serveWrongCertificate(host: string, address: string): Promise<void> {
  const ours = `-subj /CN=${host} -addext subjectAltName=IP:${address} -keyout server.key -out server.crt`;
  const made = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 ${ours}`;
  await said(lab, host, `cd ${CERTIFICATES} && ${made} && systemctl restart dce5-standin-registry`);
}

function expectInstallerFailed(
  { code, stderr }: { code: number | null; stderr: string },
  host: string,
): void {
  expect(code, stderr).toBe(1);
  expect(stderr).toMatch(
    new RegExp(
      `^error: the installer failed .*\\(host ${host}, step dce5/${host}/upgrade, .*site\\.yaml:\\d+`,
      'm',
    ),
  );
  expect(stderr).toContain('  | [dce5-installer stand-in] step 4: images\n');
  expect(stderr).toContain('  | [dce5-installer stand-in] error: step 4 failed, as the package asked\n');
  expect(stderr).toMatch(/→ Read \/var\/lib\/holdfast\/dce5\/installer\.log .*`holdfast resume`/);
  expect(stderr).not.toContain('a root password');
}

/** What has come in over the cable of the standby since it was booted. */
async function receivedBytes(): Promise<number> {
  return Number(await said(lab, 'standby', 'cat /sys/class/net/host0/statistics/rx_bytes'));
}

function tagsOf(host: string): Promise<string> {
  return said(lab, host, 'curl -fsSk https://127.0.0.1/v2/daocloud/kpanda/tags/list');
}
