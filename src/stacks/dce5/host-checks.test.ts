import { describe, expect, test } from 'vitest';
import { noFacts } from '../../../test/facts.ts';
import { catalog, siteOf } from '../../../test/site.ts';
import { renderReason } from '../../base/reason.ts';
import type { FactQuery, Facts } from '../../hosts/fact.ts';
import type { StackSpec } from '../../site/model.ts';
import { dce5 } from './index.ts';
import type { NameView } from './name-view.ts';
import type { Dce5Spec } from './schema.ts';
import type { Trust } from './trust.ts';

const siteWith = (more: string) =>
  siteOf(`
hosts: { original: 172.30.41.193, standby: 172.30.41.194, worker: 172.30.41.195 }
endpoints:
  tinder: { name: www.tinder.test, ${more}, members: [original, standby] }
stacks:
  dce5: { kind: dce5, endpoint: tinder, package: /home/offline }
`);
const byDns = siteWith('driver: dns-embedded');

interface Found {
  readonly view?: Partial<NameView>;
  readonly trust?: Trust;
}

function check(o: { site?: typeof byDns; active?: string; hosts: Record<string, Found> }) {
  const site = o.site ?? byDns;
  const view = { overrides: [], addresses: ['172.30.41.193'], servers: [], coredns: undefined };
  const facts: Facts = {
    ...noFacts,
    unreachable: new Map([['worker', 'connection refused']]),
    get: <T, A>({ host, kind }: FactQuery<T, A>) => {
      const found = o.hosts[host];
      if (kind.name === 'dce5-trust') return found?.trust as T | undefined;
      return (found === undefined ? undefined : { ...view, ...found.view }) as T | undefined;
    },
  };
  const active = (site.endpoints.get('tinder')?.members ?? []).filter(({ name }) => name === o.active);
  const stack = site.stacks.get('dce5') as StackSpec<Dce5Spec>;
  const say = (reason: Parameters<typeof renderReason>[0]) =>
    renderReason(reason, catalog.reasonTables, 'en');
  return (dce5.hostChecks?.(site, stack, facts, active) ?? []).map((one) => ({
    ...one,
    because: say(one.because),
    warnings: one.warnings.map(say),
  }));
}

describe('what is checked of every host', () => {
  test('the name leads to the active node, with what every name server says as evidence', () => {
    const servers = [{ server: '172.30.41.192', addresses: ['172.30.41.193'] }];
    expect(check({ active: 'original', hosts: { original: { view: { servers } } } })[0]).toMatchObject({
      host: 'original',
      check: 'name',
      ok: true,
      expected: '172.30.41.193, by DNS alone',
      got: expect.stringContaining('172.30.41.192: 172.30.41.193; /etc/hosts: no line'),
    });
  });

  test('a host that still gets the node that is not active is wrong; where nobody knows who is, any node will do', () => {
    const hosts = { original: {} };
    expect(check({ active: 'standby', hosts })[0]).toMatchObject({
      ok: false,
      because: 'this host gets 172.30.41.193 for www.tinder.test instead of 172.30.41.194',
      warnings: [expect.stringContaining('/etc/resolv.conf of original')],
    });
    expect(check({ hosts })[0]).toMatchObject({ ok: true });
  });

  test('behind a proxy the name leads to its address, whoever is active', () => {
    const site = siteWith(
      'addresses: [172.30.41.200], driver: { kind: haproxy, ports: [443], proxies: [worker] }',
    );
    const hosts = { original: { view: { addresses: ['172.30.41.200'] } }, standby: {} };
    expect(check({ site, active: 'standby', hosts }).map(({ ok }) => ok)).toEqual([true, false, false]);
  });

  test('a line in CoreDNS and one in a hosts file are both told, with what to do about each', () => {
    const view = {
      overrides: [{ line: 3, address: '172.30.41.194', names: ['www.tinder.test'] }],
      coredns: [{ map: 'coredns', file: 'Corefile', line: 7, text: 'x' }],
    };
    expect(check({ active: 'original', hosts: { standby: { view } } })[1]).toMatchObject({
      host: 'standby',
      ok: false,
      because: expect.stringContaining('/etc/hosts:3'),
      warnings: [
        expect.stringContaining('ConfigMap kube-system/coredns'),
        expect.stringContaining('holdfast apply'),
        expect.stringContaining('kubectl -n kube-system edit cm coredns'),
      ],
    });
  });

  test('a host that cannot be asked is not right', () => {
    expect(check({ active: 'original', hosts: {} })[2]).toMatchObject({
      host: 'worker',
      ok: false,
      because: 'worker could not be asked: connection refused',
    });
  });

  test('a container tool that would refuse a node is a warning; a host without one is not spoken of', () => {
    const nodes = [
      { address: '172.30.41.193', acceptedBy: ['skopeo'] },
      { address: '172.30.41.194', acceptedBy: [] },
    ];
    const trust = { runtimes: ['skopeo'], configured: [], nodes };
    const lines = check({ active: 'original', hosts: { original: { trust }, standby: {} } });
    expect(lines.filter((line) => line.check === 'trust')).toMatchObject([
      {
        host: 'original',
        ok: true,
        got: 'skopeo; 172.30.41.193 accepted by skopeo; 172.30.41.194 accepted by nobody',
        warnings: [
          expect.stringContaining('refuses the certificate of 172.30.41.194'),
          expect.stringContaining('/etc/containers/certs.d/www.tinder.test/'),
        ],
      },
    ]);
  });
});
