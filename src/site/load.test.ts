import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { renderReason } from '../base/reason.ts';
import { durationSchema } from '../base/zod-duration.ts';
import { type LoadInput, loadSite } from './load.ts';
import { loadReasons } from './load-reasons.ts';
import type { SiteSchemas } from './schemas.ts';
import { hostRef } from './values.ts';

const schemas: SiteSchemas = {
  drivers: new Map<string, z.ZodType>([
    ['dns-embedded', z.strictObject({ listen: z.array(z.string()).default(['127.0.0.1:53']) })],
    ['dns-bind', z.strictObject({ server: hostRef(), zoneFile: z.string() })],
  ]),
  stacks: new Map([['artifacts', z.strictObject({ registry: z.number().default(443) })]]),
  probes: new Map<string, z.ZodType>([
    ['https', z.strictObject({ path: z.string().default('/'), every: durationSchema().optional() })],
    ['tcp', z.strictObject({ port: z.number().int().max(65_535) })],
  ]),
};

const head = 'apiVersion: holdfast/v1\nkind: Site\nmetadata: { name: test }\n';
const load = (text: LoadInput['text'], more: Partial<LoadInput> = {}) =>
  loadSite({ file: 'site.yaml', text, schemas, ...more });

/** `line:column rule sentence → hint` of each finding. */
function said(text: LoadInput['text'], more: Partial<LoadInput> = {}): string[] {
  return load(text, more).findings.map((finding) => {
    const { line, column } = finding.position ?? {};
    const say = (reason: typeof finding.hint) => renderReason(reason, [loadReasons], 'en');
    return `${line}:${column} ${finding.rule} ${say(finding.because)} → ${say(finding.hint)}`;
  });
}

const pair = `${head}access: { user: root, identity: ~/.ssh/id_ed25519 }
hosts:
  original: 172.30.41.193
  standby: { address: 172.30.41.194 }
endpoints:
  tinder:
    name: WWW.Tinder-Node-Server.com.
    driver: dns-embedded
    members: [original, standby]
    probes: [{ kind: https, path: /v2/ }]
stacks:
  bootstrap: { kind: artifacts, endpoint: tinder }
`;

describe('a short site', () => {
  const { site, findings } = load(pair);

  test('loads without a finding', () => expect(findings).toEqual([]));

  test('has hosts with every default filled in', () => {
    expect(site?.hosts.get('original')).toEqual({
      name: 'original',
      address: '172.30.41.193',
      addresses: ['172.30.41.193'],
      transport: 'ssh',
      port: 22,
      user: 'root',
      identities: ['~/.ssh/id_ed25519'],
      sudo: 'none',
      jump: [],
      knownHosts: ['~/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
      labels: {},
      implied: ['port', 'sudo', 'jump', 'knownHosts'],
    });
  });

  test('tells what it leaves to ~/.ssh/config, and what it does not', () => {
    const text =
      'access: { user: ops, jump: bastion }\nhosts: { bastion: 10.0.0.1, a: { address: 10.0.0.2, port: 22, sudo: nopasswd, identity: ~/k, knownHosts: /k } }\n';
    const found = load(`apiVersion: holdfast/v1\nkind: Site\nmetadata: { name: x }\n${text}`).site?.hosts;
    expect(found?.get('a')?.implied).toBeUndefined();
    expect(found?.get('bastion')?.implied).toEqual(['port', 'sudo', 'identities', 'knownHosts']);
  });

  test('has an endpoint with every default filled in', () => {
    expect(site?.endpoints.get('tinder')).toEqual({
      name: 'tinder',
      dnsName: 'www.tinder-node-server.com',
      addresses: [],
      driver: { kind: 'dns-embedded', config: { listen: ['127.0.0.1:53'] } },
      policy: 'failover',
      members: [
        { name: 'original', host: 'original', address: '172.30.41.193', weight: 1 },
        { name: 'standby', host: 'standby', address: '172.30.41.194', weight: 1 },
      ],
      probes: [{ name: 'https', kind: 'https', args: { path: '/v2/' } }],
      rise: 2,
      fall: 2,
      intervalMs: 1_000,
      timeoutMs: 1_000,
      ttlMs: 5_000,
      holdDownMs: 10_000,
      failoverTargetMs: 30_000,
      failback: { mode: 'auto', afterMs: 600_000 },
    });
  });

  test('has its stack, with what belongs to the frame taken out of the spec', () => {
    expect(site?.stacks.get('bootstrap')).toEqual({
      name: 'bootstrap',
      kind: 'artifacts',
      endpoint: 'tinder',
      spec: { registry: 443 },
    });
  });

  test('fails back by hand where no stack can say what the original holds', () => {
    const text = pair.slice(0, pair.indexOf('stacks:'));

    expect(load(text).site?.endpoints.get('tinder')?.failback.mode).toBe('manual');
  });

  test('has the same digest whatever the comments, order and layout, and another for another address', () => {
    const moved = pair
      .replace('  original: 172.30.41.193\n', '')
      .replace('endpoints:', '  original: 172.30.41.193 # 主\nendpoints:');

    expect(load(moved).site?.digest).toBe(site?.digest);
    expect(load(pair.replace('.193', '.195')).site?.digest).not.toBe(site?.digest);
  });

  test('knows where its values stand, and gives the nearest parent for a default', () => {
    expect(site?.where(['hosts', 'standby', 'address'])).toEqual({
      file: 'site.yaml',
      line: 7,
      column: 23,
      length: 13,
    });
    expect(site?.where(['hosts', 'original', 'address'])).toMatchObject({ line: 6, column: 3, length: 8 });
    expect(site?.where(['endpoints', 'tinder', 'ttl'])).toMatchObject({ line: 9, column: 3, length: 6 });
    expect(site?.where(['endpoints', 'tinder', 'members', 1])).toMatchObject({ line: 12, column: 25 });
    expect(site?.where([])).toMatchObject({ line: 1, column: 1 });
  });
});

describe('access', () => {
  const hosts = (yaml: string) => load(`${head}${yaml}`).site?.hosts;

  test('gives defaults that a host overrides key by key', () => {
    const found = hosts(
      'access: { user: ops, port: 2222, password: env:OPS, sudo: { password: env:OPS } }\nhosts:\n  a: 10.0.0.1\n  b: { address: 10.0.0.2, port: 22, sudo: nopasswd }\n',
    );

    expect(found?.get('a')).toMatchObject({
      user: 'ops',
      port: 2222,
      password: 'env:OPS',
      sudo: { password: 'env:OPS' },
    });
    expect(found?.get('b')).toMatchObject({ user: 'ops', port: 22, password: 'env:OPS', sudo: 'nopasswd' });
  });

  test('does not send the jump host through itself', () => {
    const found = hosts(
      'access: { jump: bastion }\nhosts: { bastion: 10.0.0.1, a: 10.0.0.2, b: { address: 10.0.0.3, jump: [] } }\n',
    );

    expect(found?.get('bastion')?.jump).toEqual([]);
    expect(found?.get('a')?.jump).toEqual(['bastion']);
    expect(found?.get('b')?.jump).toEqual([]);
  });

  test('lets a user who is not root use sudo without a password unless told otherwise', () => {
    expect(hosts('hosts: { a: { address: 10.0.0.1, user: ops } }\n')?.get('a')?.sudo).toBe('nopasswd');
  });

  test('takes the local machine without an address', () => {
    expect(hosts('hosts: { here: { transport: local } }\n')?.get('here')).toMatchObject({
      address: '127.0.0.1',
      transport: 'local',
    });
  });

  test('takes IPv6 addresses and pinned host keys', () => {
    const key = `ssh-ed25519 ${'A'.repeat(68)}`;
    const found = hosts(
      `hosts:\n  a: 2001:db8::1\n  b: { addresses: ["::1", 10.0.0.1], hostKey: ${key} root@b }\n`,
    );

    expect(found?.get('a')?.address).toBe('2001:db8::1');
    expect(found?.get('b')).toMatchObject({ address: '::1', addresses: ['::1', '10.0.0.1'], hostKey: key });
  });
});

describe('mistakes', () => {
  test('are all reported at once, in the order of the file, each with its place', () => {
    const text = `apiVersion: holdfast/v2
kind: Site
metadata: { name: x }
hosts:
  a: { adress: 10.0.0.1, port: 70000 }
  b: 300.1.1.1
endpoints:
  web:
    driver: { kind: dns-bind, server: c, zonefile: /x }
    members: [a, d]
    ttl: 5
    probes: [{ kind: htps }, { kind: tcp, port: x }]
`;

    expect(said(text)).toEqual([
      "1:13 HF004 expected holdfast/v1, got 'holdfast/v2' → Did you mean 'holdfast/v1'?",
      "5:3 HF006 'address' is missing → Add `address: 192.0.2.10`.",
      "5:8 HF003 unknown key 'adress' → Did you mean 'address'?",
      '5:32 HF004 expected at most 65535, got 70000 → Change the value.',
      "6:6 HF004 expected an IPv4 or IPv6 address or a host name, got '300.1.1.1' → Like 192.0.2.10 or 2001:db8::10, without brackets, port or prefix length.",
      "9:5 HF006 'zoneFile' is missing → Add `zoneFile:`.",
      "9:39 HF005 there is no host 'c' in this site → Known: a, b.",
      "9:42 HF003 unknown key 'zonefile' → Did you mean 'zoneFile'?",
      "10:18 HF005 there is no host 'd' in this site → Known: a, b.",
      '11:10 HF004 expected a duration with its unit, such as 250ms, 2s or 1h30m, got 5 → Write 5s for seconds or 5ms for milliseconds.',
      "12:22 HF005 there is no probe kind 'htps' → Did you mean 'https'?",
      "12:49 HF004 expected a number, got 'x' → Change the value.",
    ]);
  });
});

describe('a file of which only the hosts are needed', () => {
  const broken = pair.replace('kind: https', 'kind: htps').replace('artifacts,', 'artefacts,');
  const needHosts = (text: string) => load(text, { need: 'hosts' });

  test('gives them although the rest has mistakes, and says the mistakes', () => {
    const { site, isCut, findings } = needHosts(broken);
    expect(isCut).toBe(true);
    expect(findings.map(({ rule }) => rule)).toEqual(['HF005', 'HF005']);
    expect([...(site?.hosts.keys() ?? [])]).toEqual(['original', 'standby']);
    expect(site?.hosts.get('standby')).toMatchObject({ user: 'root', identities: ['~/.ssh/id_ed25519'] });
    expect([site?.name, site?.endpoints.size, site?.stacks.size]).toEqual(['test', 0, 0]);
    expect(load(broken).site, 'where all is needed').toBeUndefined();
  });

  test('is read as a whole where nothing is wrong', () => {
    expect(needHosts(pair)).toMatchObject({ isCut: false, findings: [] });
    expect(needHosts(pair).site?.digest).toBe(load(pair).site?.digest);
  });

  test('has no digest that a plan could have: what was planned from had no mistakes', () => {
    const short = `${head}hosts: { one: 10.0.0.1 }\n`;
    expect(needHosts(`${short}stakcs: {}\n`).site?.digest).toMatch(/./);
    expect(needHosts(`${short}stakcs: {}\n`).site?.digest).not.toBe(load(short).site?.digest);
  });

  test.each([
    ['a host', broken.replace('standby: { address: 172.30.41.194 }', 'standby: { adress: 172.30.41.194 }')],
    ['access', broken.replace('access: { user: root', 'access: { usr: root')],
    ['the name', broken.replace('name: test', 'nam: test')],
    ['YAML as such', broken.replace('members: [original, standby]', 'members: [original, standby')],
    ['a key that stands twice', `${broken}watch: {}\nwatch: {}\n`],
    ['everything', 'no mapping'],
  ])('is refused where the mistake is in %s', (_where, text) => {
    const { site, isCut, findings } = needHosts(text);
    expect([site, isCut]).toEqual([undefined, false]);
    expect(findings.length).toBeGreaterThan(0);
  });
});
