/** What can stand in front of the bootstrap pair of DCE 5.0 in the lab, besides the embedded DNS server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { certificateOf, DNS, NAME, ORIGINAL, STANDBY, said, siteOf, untilRight } from './dce5-lab.ts';
import type { TestLab } from './lab.ts';

const MISTAKES = join(import.meta.dirname, '../examples/dce5-runbook-mistakes/dns');
export const VIP = '172.30.41.200';
export const ZONE = 'tinder-node-server.com';
export const REVERSE = '41.30.172.in-addr.arpa';
const FOLDER = '/var/lib/bind';
const KEY = 'c2VjcmV0IG9mIHRoZSB0ZXN0IGxhYiwgMzIgYnl0ZXMhIQ==';

/** One way to stand in front: what the site file says at the endpoint, and nowhere else. */
export interface Front {
  readonly driver: string;
  readonly endpoint: string;
  /** What its owner prepares on the DNS server before. */
  readonly prepare?: (lab: TestLab) => Promise<void>;
}

const proxy = (driver: 'haproxy' | 'nginx'): Front => ({
  driver,
  endpoint: `    addresses: [${VIP}]
    driver: { kind: ${driver}, ports: [443, 9000, 8081], proxies: [lb1, lb2] }`,
  prepare: (lab) => pointNameAt(lab, VIP),
});

export const bindZone: Front = {
  driver: 'dns-bind',
  endpoint: `    driver:
      kind: dns-bind
      server: dns
      zone: ${ZONE}
      zoneFile: ${FOLDER}/${ZONE}.zone
      reverse: [{ zone: ${REVERSE}, zoneFile: ${FOLDER}/${ZONE}.local }]`,
};
export const signedUpdates: Front = {
  driver: 'dns-update',
  endpoint: `    driver: { kind: dns-update, server: dns, zone: ${ZONE}, reverse: [${REVERSE}], key: { name: holdfast, secret: env:DNS_KEY } }`,
  prepare: async (lab) => {
    lab.program.env.DNS_KEY = KEY;
    await writeNamedConf(lab, 'allow-update { key "holdfast"; };');
    await said(lab, 'dns', 'systemctl restart named');
  },
};
export const proxies = { haproxy: proxy('haproxy'), nginx: proxy('nginx') };

/** The site of `dce5.e2e.ts`, with the hosts that the fronts need; only the endpoint differs from front to front. */
export function siteBehind({ endpoint }: Front, version = 'v1'): string {
  const hosts = `  dns: ${DNS}\n  lb1: 172.30.41.197\n  lb2: 172.30.41.198\n`;
  const site = siteOf(version).replace(/^hosts:\n/m, `hosts:\n${hosts}`);
  const [line = ''] = /^ {4}driver: .*$/m.exec(site) ?? [];
  expect(line).toContain('dns-embedded');
  return site.replace(line, endpoint);
}

/** The runbook's own files, as `dnsServer` has them when it was followed word by word. */
export async function putRunbookZones(lab: TestLab): Promise<void> {
  for (const [file, source] of [
    [`${ZONE}.zone`, `${ZONE}.zone`],
    [`${ZONE}.local`, `${ZONE}.local`],
  ] as const) {
    const stdin = readFileSync(join(MISTAKES, source));
    expect(
      (await lab.exec('dns', `cat > ${FOLDER}/${file} && chown bind ${FOLDER}/${file}`, { stdin })).code,
    ).toBe(0);
  }
  await writeNamedConf(lab, 'allow-update { none; };');
  await said(lab, 'dns', 'systemctl enable --quiet --now named');
}

async function writeNamedConf(lab: TestLab, update: string): Promise<void> {
  const key = `key "holdfast" { algorithm hmac-sha256; secret "${KEY}"; };`;
  const zone = (name: string, file: string): string =>
    `zone "${name}" IN { type master; file "${FOLDER}/${file}"; ${update} };`;
  const stdin = [key, zone(ZONE, `${ZONE}.zone`), zone(REVERSE, `${ZONE}.local`), ''].join('\n');
  expect((await lab.exec('dns', 'cat > /etc/bind/named.conf.local', { stdin })).code).toBe(0);
}

/** As a person does it, once, where a proxy is in front: the name leads to the proxy's address for good. */
async function pointNameAt(lab: TestLab, address: string): Promise<void> {
  const file = `${FOLDER}/${ZONE}.zone`;
  await said(
    lab,
    'dns',
    `sed -i -E 's/^(www .*A +)[0-9.]+/\\1${address}/; s/^( *)[0-9]+( *; serial)/\\1'"$(date +%s)"'\\2/' ${file} && rndc reload ${ZONE}`,
  );
  for (const host of ['original', 'standby', 'client', 'lb1', 'lb2'])
    await untilRight(
      async () => (await lab.exec(host, `getent hosts ${NAME}`)).stdout.split(' ')[0],
      address,
    );
}

/** Both nodes' certificates where skopeo and containerd look for them, and in one file for curl. */
export async function trustNodes(lab: TestLab): Promise<void> {
  const folder = `/etc/containers/certs.d/${NAME}`;
  await said(lab, 'client', `mkdir -p ${folder}`);
  for (const [name, address] of Object.entries({ original: ORIGINAL, standby: STANDBY })) {
    const put = `tee ${folder}/${name}.crt >> /root/nodes.crt`;
    const { code } = await lab.exec('client', put, { stdin: await certificateOf(lab, address) });
    expect(code).toBe(0);
  }
}

/** The runbook's checks by the name, with the node's certificate verified. */
export async function clientGets(lab: TestLab): Promise<void> {
  const line = `set -e; rm -rf /tmp/pulled
timeout 5 skopeo copy --quiet docker://${NAME}/daocloud/kpanda:v1 dir:/tmp/pulled
curl -fsS -m 5 --cacert /root/nodes.crt https://${NAME}/v2/
curl -fsS -m 5 http://${NAME}:9000/kubean/v2.28.1/kubelet
curl -fsS -m 5 http://${NAME}:8081/index.yaml | grep 0.1.0-v1`;
  let last = '';
  await untilRight(async () => {
    const { code, stderr } = await lab.exec('client', line);
    last = stderr;
    return code;
  }, 0).catch((error: Error) => {
    error.message += `\n${last}`;
    throw error;
  });
}

/** A short answer of the DNS server, asked on its own host. */
export async function dig(lab: TestLab, ...question: string[]): Promise<string> {
  return (await said(lab, 'dns', `dig +short +time=2 +tries=1 @${DNS} ${question.join(' ')}`)).trim();
}

/** SOA serials of the zone and of the reverse zone. */
export async function serials(lab: TestLab): Promise<number[]> {
  const soas = [await dig(lab, ZONE, 'SOA'), await dig(lab, REVERSE, 'SOA')];
  return soas.map((soa) => Number(soa.split(' ')[2]));
}

/** Both zones as they must be while one node is active: address, TTL that suits a failover, pointers that match. */
export async function expectZones(lab: TestLab, active: string): Promise<void> {
  expect(await said(lab, 'dns', `dig +noall +answer @${DNS} ${NAME} A`)).toMatch(
    new RegExp(`^${NAME}\\.\\s+5\\s+IN\\s+A\\s+${active}\\n$`),
  );
  for (const address of [ORIGINAL, STANDBY])
    expect(await dig(lab, '-x', address), address).toBe(address === active ? `${NAME}.` : '');
  const others = await dig(lab, '-x', '172.30.41.201');
  expect(others, 'what else the runbook has there is not ours').toBe(`email.${ZONE}.`);
}
