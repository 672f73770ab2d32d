import { describe, expect, test } from 'vitest';
import { makeEndpoint, makeSite } from '../../test/driver-world.ts';
import type { Endpoint } from '../site/model.ts';
import { drivers } from './registry.ts';

const VIP = '192.0.2.200';
const DUAL = [
  { name: 'active', host: 'active', address: '192.0.2.193', weight: 1 },
  { name: 'standby', host: 'standby', address: '192.0.2.194', weight: 1 },
];

function find(kind: string, settings: object, over: Partial<Endpoint> = {}): string[] {
  const base = {
    addresses: [VIP],
    members: DUAL,
    probes: [{ name: 'p', kind: 'tcp', args: { port: 3306 } }],
  };
  const endpoint = makeEndpoint(kind, drivers.get(kind).config.parse(settings), { ...base, ...over });
  const site = makeSite([endpoint]);
  return [...drivers]
    .flatMap((driver) => driver.rules)
    .flatMap((rule) => [...rule.check(site)].map(({ path }) => `${rule.id} ${path.join('.')}`));
}

describe('rules of moving addresses and proxies', () => {
  test.each([
    ['keepalived', {}],
    ['haproxy', { ports: [443], proxies: ['lb1', 'lb2'] }],
    ['nginx', { ports: [{ listen: 443, member: 8443 }] }],
  ])('find nothing wrong with a plain endpoint of %s', (kind, settings) => {
    expect(find(kind, settings)).toEqual([]);
  });

  test.each([
    ['HF200 endpoints.tinder', {}, { addresses: [] }],
    ['HF201 endpoints.tinder.policy', {}, { policy: 'all-healthy' }],
    ['HF202 endpoints.tinder.driver.advertInterval', { advertInterval: '1s' }, { failoverTargetMs: 3_000 }],
    ['HF203 endpoints.tinder.driver.password', { version: 3, password: 'env:P' }, {}],
    ['HF204 endpoints.tinder.driver.advertInterval', { version: 2, advertInterval: '500ms' }, {}],
    ['HF205 endpoints.tinder.failback', {}, { failback: { mode: 'auto', afterMs: 1_800_000 } }],
    ['HF206 endpoints.tinder.members.0', {}, { addresses: ['2001:db8::1'], members: DUAL.slice(0, 1) }],
    ['HF207 endpoints.tinder.probes', {}, { probes: [{ name: 'd', kind: 'dns', args: {} }] }],
  ] as const)('%s', (found, settings, over) => {
    expect(find('keepalived', settings, over as Partial<Endpoint>)).toEqual([found]);
  });

  test.each([
    ['haproxy', 'HF210', 'HF211'],
    ['nginx', 'HF212', 'HF213'],
  ])(
    '%s finds a proxy on the port of the service, and proxies without an address',
    (kind, onPort, without) => {
      expect(find(kind, { ports: [443] })).toEqual([`${onPort} endpoints.tinder.driver.ports.0`]);
      expect(find(kind, { ports: [443], proxies: ['lb1', 'lb2'] }, { addresses: [] })).toEqual([
        `${without} endpoints.tinder`,
      ]);
    },
  );
});
