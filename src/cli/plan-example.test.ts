/**
 * `examples/baseline-hosts/plan.txt` is a document that people read: it stays what `holdfast plan` prints. Where that
 * changed on purpose: `npx vitest run src/cli/plan-example -u`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planOf } from '../../test/plan-of.ts';
import { namespaceMissing, type ScratchHost, scratchHost } from '../../test/scratch-host.ts';
import { sh } from '../hosts/shell.ts';

const example = join(import.meta.dirname, '../../examples/baseline-hosts');
const skip = namespaceMissing === undefined ? '' : ` (skipped: ${namespaceMissing})`;
const LOCALHOST = '127.0.0.1\tlocalhost\n';
const OVERRIDE = '# written by the installer after a failover\n192.0.2.11\tregistry.example.com\n';

let stateDir: string;
let hosts: Map<string, ScratchHost>;
beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'holdfast-plan-example-'));
  hosts = new Map();
});
afterEach(async () => {
  for (const host of hosts.values()) await host[Symbol.asyncDispose]();
  rmSync(stateDir, { recursive: true });
});

/** A Debian host with its own /etc and network, on which chrony can be had and is not installed. */
async function freshHost(hostsFile: string): Promise<ScratchHost> {
  const host = await scratchHost({
    namespace: true,
    standIns: ['apt-get', 'dpkg-query', 'systemctl'],
  });
  const state = join(host.folder, 'state');
  for (const folder of ['installed', 'available', 'units'])
    mkdirSync(join(state, folder), { recursive: true });
  writeFileSync(join(state, 'available/chrony'), '4.3-2+deb12u1 tzdata\n');
  writeFileSync(join(state, 'available/tzdata'), '2025b-0+deb12u1\n');
  writeFileSync(join(state, 'installed/tzdata'), '2025b-0+deb12u1\n');
  const signal = new AbortController().signal;
  const prepare = sh`printf %s ${hostsFile} >/etc/hosts; echo 0 >/proc/sys/net/ipv4/ip_forward; mkdir -p /run/systemd/system; rm -f /etc/sysctl.d/*`;
  const { code, stderr } = await host.run(prepare, { timeoutMs: 10_000, signal });
  if (code !== 0) throw new Error(stderr);
  return host;
}

describe.skipIf(namespaceMissing !== undefined)(`the plan of examples/baseline-hosts${skip}`, () => {
  test('is what plan.txt says: every command real, on two hosts with an /etc and a network of their own', async () => {
    hosts.set('node-1', await freshHost(LOCALHOST));
    hosts.set('node-2', await freshHost(LOCALHOST + OVERRIDE));
    const printed = await planOf(join(example, 'site.yaml'), hosts, { language: 'en', stateDir });
    await expect(printed).toMatchFileSnapshot(join(example, 'plan.txt'));
  });
});
