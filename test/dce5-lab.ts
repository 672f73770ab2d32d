/** The bootstrap pair of the DCE 5.0 runbook on lab hosts, with the stand-in of the vendor's installer. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../src/base/clock.ts';
import { putPackage } from './dce5-package.ts';
import type { TestLab } from './lab.ts';

const STANDIN = join(import.meta.dirname, '../src/lab/standins/dce5-installer');
const PATIENCE_MS = 90_000;
const POLL_MS = 300;
const clock = new SystemClock();

/** The name that clients use; where `watch` answers for it; the nodes. */
export const NAME = 'www.tinder-node-server.com';
export const DNS = '172.30.41.192';
export const ORIGINAL = '172.30.41.193';
export const STANDBY = '172.30.41.194';

/** The example as it stands, quicker, with what the lab has in place of the vendor's tools and of MinIO. No head. */
export function siteOf(version: string): string {
  const example = readFileSync(join(import.meta.dirname, '../examples/dce5-build/site.yaml'), 'utf8');
  return example
    .slice(example.indexOf('access:'))
    .replace('after: 10m', 'after: 5s')
    .replace('/home/offline-fix-dns', `/home/offline-${version}`)
    .replace('    masterNodes:', '    tools: [skopeo, openssl, curl]\n    masterNodes:')
    .concat('    files: { compare: { index: /kubean/SHA256SUMS } }\n');
}

/** Changes the package in the site file, as before an upgrade. */
export function writeSite(lab: TestLab, version: string): void {
  lab.site(siteOf(version));
}

/** What a person does before: DNS of the hosts, the package and the system's packages on the original. */
export async function prepare(lab: TestLab, version: string): Promise<void> {
  lab.program.env.G_MASTER1_PASSWORD = 'a root password';
  for (const { name } of lab.hosts) await said(lab, name, `echo 'nameserver ${DNS}' > /etc/resolv.conf`);
  await putOnOriginal(lab, version);
  const files =
    'head -c 3000000 /dev/urandom > CentOS-79-x86_64-DVD-2009.iso && echo os > os-pkgs-centos7-v0.4.8.tar.gz';
  await said(lab, 'original', `cd /home && ${files}`);
}

/** Unpacks the offline package of a version as /home/offline-<version>. */
export async function putOnOriginal(lab: TestLab, version: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-dce5-package-'));
  try {
    const package_ = join(folder, `offline-${version}`);
    putPackage(package_, version);
    copyFileSync(STANDIN, join(package_, 'dce5-installer'));
    const stdin = execFileSync('tar', ['-c', '-C', folder, `offline-${version}`], {
      maxBuffer: 64 * 1024 * 1024,
    });
    const { code, stderr } = await lab.exec('original', 'tar -x -C /home', { stdin });
    assert.equal(code, 0, stderr);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whom the DNS server names to the client; empty where it does not answer. */
export async function whoAnswers(lab: TestLab): Promise<string> {
  const { code, stdout } = await lab.exec('client', `dig +short +time=1 +tries=1 ${NAME}`);
  return code === 0 ? stdout.trim() : '';
}

/** What a node serves, as PEM: its own installer signed it. */
export function certificateOf(lab: TestLab, address: string): Promise<string> {
  const ask = `openssl s_client -connect ${address}:443 -servername ${NAME} </dev/null 2>/dev/null`;
  return said(lab, 'client', `${ask} | openssl x509`);
}

export function hostsOf(lab: TestLab, host: string): Promise<string> {
  return said(lab, host, 'cat /etc/hosts');
}

/** Runs as root on a host; it must succeed. @returns what it printed */
export async function said(lab: TestLab, host: string, command: string): Promise<string> {
  const { code, stdout, stderr } = await lab.exec(host, command);
  assert.equal(code, 0, `${host}: ${command}: ${stderr}`);
  return stdout;
}

/** `holdfast … --lab`, which must succeed. */
export async function succeeds(lab: TestLab, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await lab.program.run(...args, '--lab');
  assert.equal(code, 0, `${args.join(' ')}\n${stdout}\n${stderr}`);
}

/** Polls with a deadline that a busy machine keeps; what came last is in the message. @param pauseMs between two */
export async function untilRight<T>(ask: () => Promise<T>, wanted: T, pauseMs = POLL_MS): Promise<void> {
  const endMs = clock.monotonicMs() + PATIENCE_MS;
  for (;;) {
    const got = await ask();
    if (got === wanted) return;
    if (clock.monotonicMs() > endMs) assert.equal(got, wanted);
    await clock.sleep(pauseMs);
  }
}
