import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseDocument } from 'yaml';
import { hasOpenssl, makeAuthority } from '../../../test/certificates.ts';
import { gatherHere, noFacts } from '../../../test/facts.ts';
import { scratchHost } from '../../../test/scratch-host.ts';
import { catalog, siteOf } from '../../../test/site.ts';
import { testStackCases } from '../../../test/stack-cases.ts';
import { Trial } from '../../../test/step-contract.ts';
import { titleOf } from '../../../test/title-of.ts';
import { SystemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { renderReason } from '../../base/reason.ts';
import type { FactQuery, Facts } from '../../hosts/fact.ts';
import { runProbe } from '../../probes/run-probe.ts';
import { lintSite } from '../../site/lint.ts';
import type { StackSpec } from '../../site/model.ts';
import { configOf } from './facts.ts';
import { dce5 } from './index.ts';
import { dce5Certificate } from './probes/dce5-certificate.ts';
import type { Dce5Spec } from './schema.ts';
import { dce5Tools } from './steps/dce5-tools.ts';

testStackCases(join(import.meta.dirname, 'cases'), dce5);

const TEXT = `
hosts: { original: 172.30.41.193, standby: 172.30.41.194 }
endpoints:
  tinder: { name: www.tinder.test, driver: dns-embedded, members: [original, standby] }
stacks:
  dce5: { kind: dce5, endpoint: tinder, package: /home/offline }
`;
const site = siteOf(TEXT);
const stack = site.stacks.get('dce5') as StackSpec<Dce5Spec>;
const factsOf = (values: Record<string, Record<string, unknown>>): Facts => ({
  ...noFacts,
  get: <T, A>({ host, kind }: FactQuery<T, A>) => values[host]?.[kind.name] as T | undefined,
});
const proxied = siteOf(
  TEXT.replace(
    'driver: dns-embedded',
    'addresses: [172.30.41.200], driver: { kind: nginx, ports: [443], proxies: [standby] }',
  ),
);
const say = (facts: Facts): string[] =>
  (dce5.findings?.(site, stack, facts) ?? []).map(
    ({ rule, because, position }) =>
      `${rule} ${position?.file}:${position?.line} ${renderReason(because, catalog.reasonTables, 'en')}`,
  );

describe('an upgrade', () => {
  const view = { 'dce5-name-view': { overrides: [], addresses: ['172.30.41.200'], servers: [] } };
  const plan = (active: object) =>
    dce5.plan(
      proxied,
      proxied.stacks.get('dce5') as StackSpec<Dce5Spec>,
      factsOf({ original: { ...view, 'dce5-active': active }, standby: view }),
      { kind: 'upgrade' },
    );

  test('behind a proxy is refused while clients get another node, or nobody', () => {
    const refusal = {
      code: 'dce5/name-elsewhere',
      hint: expect.stringContaining('`holdfast failback tinder`'),
    };
    for (const atFront of ['BB:CC', undefined])
      expect(() => plan({ atFront, atNode: 'AA:BB' })).toThrow(expect.objectContaining(refusal));
  });

  test('behind a proxy begins with the node that clients get, and where that cannot be told', () => {
    for (const print of ['AA:BB', undefined])
      expect(plan({ atFront: print, atNode: print }).map(({ id }) => id)).toContain('dce5/original/upgrade');
  });
});

describe('where the system packages are', () => {
  const plan = (text: string, config?: string, goal: 'build' | 'upgrade' = 'build') => {
    const there = siteOf(text);
    const view = { 'dce5-name-view': { overrides: [], addresses: ['172.30.41.193'], servers: [] } };
    const facts = factsOf({ original: { ...view, 'dce5-config': config }, standby: view });
    const steps = dce5.plan(there, there.stacks.get('dce5') as StackSpec<Dce5Spec>, facts, { kind: goal });
    return steps.flatMap(({ kind, args }) => (kind === 'dce5-copy' ? [(args as { path: string }).path] : []));
  };

  test('is taken from the sample only where the original has no file', () => {
    expect(plan(TEXT)).toContain('/home/CentOS-79-x86_64-DVD-2009.iso');
    for (const [config, got] of [
      ['spec: { osRepos: { isoPath: /a.iso }', /^Flow map/],
      ['spec: { osRepos: { isoPath: /a.iso } }', /^no isoPath and osPackagePath/],
    ] as const)
      expect(() => plan(TEXT, config)).toThrow(
        expect.objectContaining({
          code: 'dce5/bad-config',
          got: expect.stringMatching(got),
          hint: expect.stringContaining('`osRepos`'),
        }),
      );
  });

  test('is not asked of the file where the site says it, or for an upgrade', () => {
    const text = TEXT.replace('/home/offline }', '/home/offline, osRepos: { isoPath: /b.iso } }');
    expect(plan(text, 'spec: {')).toContain('/b.iso');
    expect(plan(TEXT, 'spec: {', 'upgrade')).toEqual(['/home/offline']);
  });
});

describe('what is found on the hosts', () => {
  const config = (node: string, alt: string): string =>
    `spec:\n  bootstrapNode: ${node}\n  imagesAndCharts:\n    additionalSSLSubjectAltName: ${alt}\n`;

  test('a clusterConfig.yaml against the table is told with its host, file and line', () => {
    const facts = factsOf({
      original: { 'dce5-config': config('www.tinder.test', '172.30.41.193') },
      standby: { 'dce5-config': config('www.tinder.test', '172.30.41.193') },
    });
    expect(say(facts)).toEqual([
      "HF050 standby:/etc/dce5/clusterConfig.yaml:2 'standby' is a standby, but its bootstrapNode is the domain www.tinder.test instead of its own address 172.30.41.194",
      "HF050 standby:/etc/dce5/clusterConfig.yaml:4 the certificate of 'standby' would not hold the domain www.tinder.test: additionalSSLSubjectAltName is 172.30.41.193",
    ]);
  });

  test('a host whose containerd would refuse what one of the nodes serves is told, one that accepts both is not', () => {
    const trust = (...acceptedBy: string[]) => ({
      'dce5-trust': {
        runtimes: ['containerd'],
        configured: [],
        nodes: [
          { address: '172.30.41.193', acceptedBy: ['containerd'] },
          { address: '172.30.41.194', acceptedBy },
        ],
      },
    });
    expect(say(factsOf({ original: trust() }))[0]).toContain(
      "containerd on 'original' refuses the certificate of 172.30.41.194: neither /etc/containerd/certs.d/www.tinder.test nor",
    );
    expect(say(factsOf({ original: trust('containerd') }))).toEqual([]);
    expect(say(factsOf({ original: trust('system') }))).toEqual([]);
  });

  test('a line in a hosts file is told with its host, file and line', () => {
    const overrides = [{ line: 3, address: '172.30.41.194', names: ['www.tinder.test'] }];
    const view = { overrides, addresses: ['172.30.41.194'], servers: [] };
    expect(say(factsOf({ standby: { 'dce5-name-view': view } }))).toEqual([
      'dce5/override standby:/etc/hosts:3 /etc/hosts:3 gives www.tinder.test the address 172.30.41.194, whatever DNS answers',
    ]);
  });

  test('behind a proxy the line that the installer will write is told before, and no more once it has run', () => {
    const rules = (facts: Facts) =>
      dce5
        .findings?.(proxied, proxied.stacks.get('dce5') as StackSpec<Dce5Spec>, facts)
        .map(({ rule }) => rule);
    expect(rules(noFacts)).toEqual(['dce5/line-foreseen']);
    expect(rules(factsOf({ original: { 'dce5-installed': { state: 'done' } } }))).toEqual([]);
    expect(say(noFacts)).toEqual([]);
  });

  test('a line in CoreDNS is told', () => {
    const view = {
      overrides: [],
      addresses: [],
      servers: [],
      coredns: [{ map: 'coredns', file: 'Corefile', line: 7, text: 'x' }],
    };
    expect(say(factsOf({ original: { 'dce5-name-view': view } }))[0]).toContain(
      'the ConfigMap kube-system/coredns answers www.tinder.test by itself, Corefile line 7: x',
    );
  });

  test.each([
    '      ansiblePass: "hunter2" # root',
    "      ansiblePass: 'hunter2'",
    '      ansiblePass: hunter2',
    '    - { nodeName: a, ansiblePass: hunter2, ip: 10.0.0.1 }',
    '      "ansiblePassword": "hun\\"ter2"',
    '      ansiblePass: hunter2 # ter2',
    '      ansiblePass: hun#ter2',
    '      ansiblePass: hun,ter2} x',
    '      ansiblePass: "a" # once hunter2',
    '      ansiblePass: |-\n        hunter2\n\n        ter2',
    '      ansiblePass: "hun\n        ter2"',
    '      ansiblePass:\n        hunter2',
    '    - ansiblePass: hunter2\n      ip: 10.0.0.1',
    '    - { nodeName: a, ansiblePass: hun#ter2, ip: 10.0.0.1 }',
    "    - { ansiblePass: 'hun''ter2', rootPassword: hunter2 }",
    '    - { nodeName: a, ansiblePass: x # hunter2, }\n      , ip: 10.0.0.1 }',
    '    - { nodeName: a, ansiblePass: hun\n      ter2, ip: 10.0.0.1 }',
    '      # ansiblePass: hunter2\n      ansiblePass: x',
    '      ip: 10.0.0.1 # ansiblePass: "hunter2"\n      ansiblePass: x',
    '      ip: 10.0.0.1 # ansiblePass: a, hunter2\n      ansiblePass: x',
    '    - { ansiblePass: # x\n      hunter2, ip: 10.0.0.1 }',
    '    - ansiblePass:\n      - hunter2\n    - ansiblePass: x\n      rootPasswd:\n      - hunter2',
  ])('no fact holds the password of %j', (line) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-dce5-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'clusterConfig.yaml');
    writeFileSync(path, `spec:\n${line}\n  bootstrapNode: x\n`);
    const query = configOf('here', path);
    const text = gatherHere([query as unknown as FactQuery]).get(query) ?? '';
    expect(text).toContain('"***"');
    expect(text).not.toMatch(/hun|ter2/);
    // Lines keep their numbers, and what is left is YAML.
    expect(text.split('\n')[line.split('\n').length + 1]).toBe('  bootstrapNode: x');
    expect(
      parseDocument(text.replace('spec:', 'spec:\n    nodes:').replace('  bootstrapNode', 'bootstrapNode'))
        .errors,
    ).toEqual([]);
  });

  test('a quote that does not end takes everything below with it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-dce5-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'clusterConfig.yaml');
    writeFileSync(path, 'spec: { ansiblePass: "hun\n ter2", x: 1 }\ny: 1\n');
    const query = configOf('here', path);
    expect(
      gatherHere([query as unknown as FactQuery])
        .get(query)
        ?.trim(),
    ).toBe('spec: { ansiblePass: "***"');
  });
});

test('an installer without the stack that verifies it is a finding', () => {
  const findings = (text: string) => lintSite(siteOf(text), dce5.rules).map(({ rule }) => rule);
  expect(findings(TEXT)).toEqual(['HF330']);
  expect(findings(`${TEXT}  bootstrap: { kind: artifacts, endpoint: tinder }\n`)).toEqual([]);
});

describe('the step dce5-tools', () => {
  test('names what is missing, and does not take Midnight Commander for the MinIO client', async () => {
    await using host = await scratchHost();
    const put = (name: string, says: string): void =>
      writeFileSync(join(host.folder, 'bin', name), `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 });
    put('podman', 'podman version 4.4.4');
    put('mc', 'GNU Midnight Commander 4.8.29');
    const nothing = async () => [];
    const args = { tools: ['podman', 'mc', 'no-such-tool'] };
    const end = { [Symbol.asyncDispose]: async () => {} };
    const trial = new Trial(dce5Tools, {
      host,
      clock: host.clock,
      args,
      snapshot: nothing,
      trace: nothing,
      ...end,
    });
    expect(await trial.check()).toMatchObject({
      state: 'refused',
      because: { params: { missing: ['mc', 'no-such-tool'] } },
    });
    await trial.capture();
    await expect(trial.apply()).rejects.toMatchObject({ code: 'dce5/not-ready' });
    put('mc', 'mc version RELEASE.2023-02-16T19-20-11Z');
    put('no-such-tool', '');
    expect((await trial.check()).state).toBe('done');
    expect(await trial.verify()).toMatchObject({ got: expect.stringContaining('/podman') });
  });
});

test('a node leads by a person’s wish only with a certificate that has its names; the watcher only warns', () => {
  const [original, standby] = site.endpoints.get('tinder')?.members ?? [];
  expect(dce5.fitToLead(site, stack, original!, standby!)).toEqual([
    {
      name: 'certificate',
      kind: 'dce5-certificate',
      args: expect.objectContaining({ name: 'www.tinder.test', strict: true }),
    },
  ]);
  expect(dce5.probes(site, stack)).toMatchObject([{ kind: 'dce5-certificate', args: { strict: false } }]);
});

const noOpenssl = hasOpenssl() ? undefined : 'no openssl here';

describe.skipIf(noOpenssl !== undefined)(titleOf('the probe dce5-certificate', noOpenssl), () => {
  const ask = async (names: string[], args: object, days?: number) => {
    using authority = makeAuthority();
    const { key, cert } = authority.issue(names, days);
    const server: Server = createServer({ key, cert }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const parsed = dce5Certificate.args.parse({ name: 'www.tinder.test', port, ...args });
    const result = await runProbe(
      dce5Certificate,
      parsed,
      { member: 'standby', address: '127.0.0.1' },
      {
        clock: new SystemClock(),
        timeoutMs: 10_000,
        signal: new AbortController().signal,
        log: silentLogger,
        secret: () => Promise.reject(new Error('none')),
      },
    );
    await new Promise((resolve) => server.close(resolve));
    return result;
  };

  test('is up where name and address are covered', async () => {
    const result = await ask(['DNS:www.tinder.test', 'IP:127.0.0.1'], { strict: true });
    expect(result).toMatchObject({ status: 'up', got: expect.stringContaining('DNS:www.tinder.test') });
    expect(result.warnings).toBeUndefined();
  });

  test.each([
    ['the name', ['DNS:other.test', 'IP:127.0.0.1'], ['www.tinder.test']],
    ['the address', ['DNS:www.tinder.test', 'IP:127.0.0.2'], ['127.0.0.1']],
    ['both: copied from the other node', ['IP:172.30.41.193'], ['www.tinder.test', '127.0.0.1']],
  ])('is down where %s is missing, and only warns the watcher', async (_what, names, missing) => {
    expect(await ask(names, { strict: true })).toMatchObject({
      status: 'down',
      because: { code: 'dce5-certificate/lacks', params: { missing } },
    });
    expect(await ask(names, {})).toMatchObject({
      status: 'up',
      warnings: [{ code: 'dce5-certificate/lacks', params: { missing } }],
    });
  });

  test('is down where it expired, and only warns the watcher', async () => {
    const names = ['DNS:www.tinder.test', 'IP:127.0.0.1'];
    const because = { code: 'dce5-certificate/expired' };
    expect(await ask(names, { strict: true }, -1)).toMatchObject({ status: 'down', because });
    expect(await ask(names, {}, -1)).toMatchObject({ status: 'up', warnings: [because] });
  });

  test('warns of a certificate that soon ends', async () => {
    const result = await ask(['DNS:www.tinder.test', 'IP:127.0.0.1'], { strict: true }, 3);
    expect(result).toMatchObject({ status: 'up', warnings: [{ code: 'dce5-certificate/expires-soon' }] });
  });

  test('is down where nothing listens', async () => {
    const parsed = dce5Certificate.args.parse({ name: 'www.tinder.test', port: 1 });
    const options = {
      clock: new SystemClock(),
      timeoutMs: 10_000,
      signal: new AbortController().signal,
      log: silentLogger,
      secret: () => Promise.reject(new Error('none')),
    };
    const result = await runProbe(dce5Certificate, parsed, { member: 'm', address: '127.0.0.1' }, options);
    expect(result).toMatchObject({ status: 'down', because: { code: 'dce5-certificate/silent' } });
  });
});
