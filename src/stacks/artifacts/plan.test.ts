import { describe, expect, test } from 'vitest';
import { noFacts } from '../../../test/facts.ts';
import { siteOf } from '../../../test/site.ts';
import type { FactQuery, Facts } from '../../hosts/fact.ts';
import type { Site, StackSpec } from '../../site/model.ts';
import { artifacts } from './index.ts';
import type { ArtifactsSpec } from './schema.ts';

const pair = (stack: string) =>
  siteOf(`
hosts: { preferred: 10.0.0.1, standby: 10.0.0.2, worker: 10.0.0.3 }
endpoints:
  bootstrap: { name: www.tinder.test, driver: dns-embedded, members: [preferred, standby] }
stacks:
  tinder: ${stack}
`);
const site = pair('{ kind: artifacts, endpoint: bootstrap }');
const stack = site.stacks.get('tinder') as StackSpec<ArtifactsSpec>;

/** Facts by host and name of the fact. */
function factsOf(found: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Facts {
  return {
    ...noFacts,
    get: <T, A>({ host, kind }: FactQuery<T, A>) => found[host]?.[kind.name] as T | undefined,
  };
}
const clean = { 'hosts-file': [], 'artifacts-resolved-name': ['10.0.0.1'] };

describe('the plan of an artifacts stack', () => {
  test('waits for each service on each member, with the probes of the stack', () => {
    const steps = artifacts.plan(site, stack, factsOf({ preferred: clean, standby: clean, worker: clean }), {
      kind: 'build',
    });
    expect(steps.map(({ id, kind }) => `${kind} ${id}`)).toEqual([
      'probe tinder/preferred/registry',
      'probe tinder/preferred/files',
      'probe tinder/preferred/charts',
      'probe tinder/standby/registry',
      'probe tinder/standby/files',
      'probe tinder/standby/charts',
    ]);
    expect(steps[0]?.args).toMatchObject({
      probe: 'https',
      args: { port: 443, path: '/v2/', serverName: 'www.tinder.test', status: [200, 401] },
      target: { member: 'preferred', address: '10.0.0.1' },
    });
    expect(steps[4]?.args).toMatchObject({
      probe: 'http',
      args: { port: 9000, path: '/minio/health/live', host: 'www.tinder.test:9000' },
      target: { member: 'standby', address: '10.0.0.2' },
    });
  });

  test('takes the name out of the hosts file where it is, and of hosts that are not known', () => {
    const overriding = { line: 3, address: '10.0.0.1', names: ['a', 'www.tinder.test'] };
    const facts = factsOf({ preferred: { ...clean, 'hosts-file': [overriding] }, standby: clean });
    const steps = artifacts.plan(site, stack, facts, { kind: 'build' });
    expect(steps.filter(({ kind }) => kind === 'hosts-file')).toMatchObject([
      { id: 'tinder/preferred/no-override', host: 'preferred', args: { absent: ['www.tinder.test'] } },
      { id: 'tinder/worker/no-override', host: 'worker' },
    ]);
  });

  test('waits for hosts that get a stranger or nothing for the name, once the name is published', () => {
    const stranger = {
      'hosts-file': [{ line: 1, address: '10.9.9.9', names: ['www.tinder.test'] }],
      'artifacts-resolved-name': ['10.9.9.9'],
    };
    const nothing = { 'hosts-file': [], 'artifacts-resolved-name': [] };
    const facts = factsOf({ preferred: clean, standby: stranger, worker: nothing });
    const steps = artifacts.plan(site, stack, facts, { kind: 'build' });
    expect(steps.filter(({ kind }) => kind === 'name-resolves')).toMatchObject([
      {
        id: 'tinder/standby/name-resolves',
        host: 'standby',
        needs: ['tinder/standby/no-override'],
        args: { name: 'www.tinder.test', addresses: ['10.0.0.1', '10.0.0.2'] },
      },
      { id: 'tinder/worker/name-resolves', host: 'worker', needs: [] },
    ]);
  });

  test('does not wait for a name that nobody gets: the watcher has not published it yet', () => {
    const nothing = { 'hosts-file': [], 'artifacts-resolved-name': [] };
    const facts = factsOf({ preferred: nothing, standby: nothing, worker: nothing });
    const steps = artifacts.plan(site, stack, facts, { kind: 'build' });
    expect(steps.filter(({ kind }) => kind !== 'probe')).toEqual([]);
  });

  test('for a promotion asks the member alone, and for a demotion nobody', () => {
    const promote = artifacts.plan(site, stack, noFacts, { kind: 'promote', member: 'standby' });
    expect(promote.map(({ id }) => id)).toEqual([
      'tinder/standby/registry',
      'tinder/standby/files',
      'tinder/standby/charts',
    ]);
    expect(artifacts.plan(site, stack, noFacts, { kind: 'demote', member: 'standby' })).toEqual([]);
  });

  test('waits until hosts get the address of the proxy, where there is one, and no member', () => {
    const proxied = siteOf(`
hosts: { preferred: 10.0.0.1, standby: 10.0.0.2, worker: 10.0.0.3 }
endpoints:
  bootstrap:
    name: www.tinder.test
    addresses: [10.0.0.100]
    driver: { kind: nginx, ports: [443], proxies: [worker] }
    members: [preferred, standby]
stacks: { tinder: { kind: artifacts, endpoint: bootstrap } }
`);
    const got = (address: string) => ({ ...clean, 'artifacts-resolved-name': [address] });
    const facts = factsOf({
      preferred: got('10.0.0.1'),
      standby: got('10.0.0.100'),
      worker: got('10.0.0.100'),
    });
    const proxiedStack = proxied.stacks.get('tinder') as StackSpec<ArtifactsSpec>;
    const steps = artifacts.plan(proxied, proxiedStack, facts, { kind: 'build' });
    expect(steps.filter(({ kind }) => kind === 'name-resolves')).toMatchObject([
      { id: 'tinder/preferred/name-resolves', args: { addresses: ['10.0.0.100'] } },
    ]);
  });

  test('asks every host of the site for its hosts file, its resolver and what it gets for the name', () => {
    const asked = artifacts.facts(site, stack).map(({ host, kind }) => `${host} ${kind.name}`);
    expect(asked).toContain('worker hosts-file');
    expect(asked).toContain('worker resolver');
    expect(asked).toContain('worker artifacts-resolved-name');
    expect(asked).toHaveLength(9);
  });
});

describe('the probes of an artifacts stack', () => {
  test('leave out what it does not serve, and hand on how it is trusted and logged in to', () => {
    const other = pair(
      '{ kind: artifacts, endpoint: bootstrap, files: false, charts: { scheme: https, insecure: true }, registry: { scheme: http, port: 5000, auth: { user: ops, password: env:PW } } }',
    );
    const probes = artifacts.probes(other, other.stacks.get('tinder') as StackSpec<ArtifactsSpec>);
    expect(probes).toMatchObject([
      { name: 'registry', kind: 'http', args: { port: 5000, auth: { user: 'ops', password: 'env:PW' } } },
      {
        name: 'charts',
        kind: 'https',
        args: {
          port: 8081,
          path: '/index.yaml',
          insecure: true,
          minValidFor: 1_209_600_000,
          body: { contains: 'apiVersion' },
        },
      },
    ]);
  });

  test('compare the candidate with the active member, under a deadline of their own, before it may lead', () => {
    const [active, candidate] = site.endpoints.get('bootstrap')?.members ?? [];
    const fit = artifacts.fitToLead(site, stack, candidate!, active!);
    expect(fit).toMatchObject([
      {
        name: 'parity',
        kind: 'artifacts-parity',
        timeoutMs: 600_000,
        args: {
          active: { member: 'preferred', address: '10.0.0.1' },
          registry: { port: 443, serverName: 'www.tinder.test' },
          files: { compare: { bucket: 'kubean', prefix: '' } },
        },
      },
    ]);
  });

  test('all have to answer before it may lead, where the endpoint names probes that ask less', () => {
    const plain = pair('{ kind: artifacts, endpoint: bootstrap, files: { compare: false } }');
    const tcp = siteOf(`
hosts: { preferred: 10.0.0.1, standby: 10.0.0.2 }
endpoints:
  bootstrap:
    name: www.tinder.test
    driver: dns-embedded
    members: [preferred, standby]
    probes: [{ name: port, kind: tcp, port: 443 }]
stacks:
  tinder: { kind: artifacts, endpoint: bootstrap, files: { compare: false } }
`);
    const asked = (where: Site): string[] => {
      const [active, candidate] = where.endpoints.get('bootstrap')?.members ?? [];
      const spec = where.stacks.get('tinder') as StackSpec<ArtifactsSpec>;
      return artifacts.fitToLead(where, spec, candidate!, active!).map(({ name }) => name);
    };
    expect(asked(plain)).toEqual(['parity']);
    expect(asked(tcp)).toEqual(['parity', 'registry', 'files', 'charts']);
  });

  test('need at least one service', () => {
    expect(() => pair('{ kind: artifacts, registry: false, files: false, charts: false }')).toThrow(
      'serves nothing',
    );
  });
});
