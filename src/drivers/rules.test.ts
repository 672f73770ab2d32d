import { describe, expect, test } from 'vitest';
import { MEMBERS, makeEndpoint, makeSite, NAME, ZONE } from '../../test/driver-world.ts';
import { renderReason } from '../base/reason.ts';
import type { Endpoint } from '../site/model.ts';
import { drivers } from './registry.ts';

const KEY = { name: 'k', secret: 'env:KEY' };
const FULL: Readonly<Record<string, Record<string, unknown>>> = {
  'dns-embedded': { listen: ['10.0.0.2'], zone: ZONE },
  'dns-update': { server: '10.0.0.2', zone: ZONE, key: KEY },
  'dns-bind': { server: 'active', zone: ZONE, zoneFile: '/etc/bind/z' },
};

function endpoint(
  kind: string,
  config: Record<string, unknown> = {},
  overrides: Partial<Endpoint> = {},
): Endpoint {
  return makeEndpoint(kind, drivers.get(kind).config.parse({ ...FULL[kind], ...config }), overrides);
}

/** Findings of all drivers' rules: id, path and English sentence. */
function lint(...endpoints: readonly Endpoint[]): { id: string; path: string; text: string }[] {
  const site = makeSite(endpoints);
  return [...drivers]
    .flatMap((driver) => driver.rules)
    .flatMap((rule) =>
      [...rule.check(site)].map(({ path, because }) => ({
        id: rule.id,
        path: path.join('.'),
        text: renderReason(because, [rule.reasons], 'en'),
      })),
    );
}

describe('rules of drivers', () => {
  test('have ids of their own', () => {
    const ids = [...drivers].flatMap((driver) => driver.rules.map((rule) => rule.id));
    expect(ids).toEqual([...new Set(ids)]);
    for (const id of ids) expect(id).toMatch(/^HF[12]\d\d$/);
  });

  test('say each sentence in both languages with the same parameters', () => {
    const tables = [...drivers].flatMap((driver) => [
      driver.reasons,
      ...driver.rules.map((rule) => rule.reasons),
    ]);
    for (const [code, sentence] of tables.flatMap((table) => Object.entries(table))) {
      const parameters = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
      expect(parameters(sentence.zh), code).toEqual(parameters(sentence.en));
      expect(sentence.zh, code).toMatch(/[\u4e00-\u9fff]/);
    }
  });

  test.each(Object.keys(FULL))('find nothing wrong with a plain endpoint of %s', (kind) => {
    expect(lint(endpoint(kind))).toEqual([]);
  });

  test.each([
    ['dns-embedded', 'HF110'],
    ['dns-update', 'HF120'],
    ['dns-bind', 'HF130'],
  ])('%s: a name outside of its zone, and an endpoint without one', (kind, id) => {
    expect(lint(endpoint(kind, { zone: 'example.com' }))).toEqual([
      { id, path: 'endpoints.tinder.driver.zone', text: `${NAME} does not lie in the zone example.com` },
    ]);
    const { dnsName: _, ...nameless } = endpoint(kind);
    expect(lint(nameless).map((finding) => [finding.id, finding.path])).toEqual([[id, 'endpoints.tinder']]);
  });

  test('a zone whose name merely ends alike does not hold the name', () => {
    expect(lint(endpoint('dns-update', { zone: 'node-server.com' })).map(({ id }) => id)).toEqual(['HF120']);
  });

  test.each([
    ['dns-update', 'HF121'],
    ['dns-bind', 'HF131'],
  ])('%s: weights, which no RRset can say', (kind, id) => {
    expect(lint(endpoint(kind, {}, { policy: 'weighted' }))).toMatchObject([
      { id, path: 'endpoints.tinder.policy' },
    ]);
    expect(lint(endpoint('dns-embedded', {}, { policy: 'weighted' }))).toEqual([]);
  });

  test('the reverse zone of the runbook, which holds none of the members, and members without one', () => {
    const config = { reverse: ['41.30.172.in-addr.arpa'] };

    expect(lint(endpoint('dns-update', config, { members: MEMBERS.slice(0, 2) }))).toEqual([
      {
        id: 'HF122',
        path: 'endpoints.tinder.driver.reverse.0',
        text: 'no member has its address in the reverse zone 41.30.172.in-addr.arpa',
      },
      {
        id: 'HF122',
        path: 'endpoints.tinder.driver.reverse',
        text: "the address 192.0.2.193 of member 'active' lies in none of the reverse zones",
      },
      {
        id: 'HF122',
        path: 'endpoints.tinder.driver.reverse',
        text: "the address 192.0.2.194 of member 'standby' lies in none of the reverse zones",
      },
    ]);
  });

  test('reverse zones that hold every member are well', () => {
    const reverse = ['2.0.192.in-addr.arpa', '8.b.d.0.1.0.0.2.ip6.arpa'];
    expect(lint(endpoint('dns-embedded', { reverse }))).toEqual([]);
  });

  test('dns-update: a server that would have to be found through DNS', () => {
    expect(lint(endpoint('dns-update', { server: 'ns1.example.com' }))).toMatchObject([{ id: 'HF123' }]);
    expect(lint(endpoint('dns-update', { server: 'standby' }))).toEqual([]);
  });

  test('dns-bind: one zone in two files, and one file of two zones', () => {
    const other = { name: 'chart', dnsName: `chart.${ZONE}` };
    expect(
      lint(endpoint('dns-bind'), endpoint('dns-bind', { zoneFile: '/etc/bind/y' }, other)),
    ).toMatchObject([{ id: 'HF133', path: 'endpoints.chart.driver.zoneFile' }]);
    const reverse = [{ zone: '2.0.192.in-addr.arpa', zoneFile: '/etc/bind/z' }];
    const members = MEMBERS.slice(0, 2);
    expect(lint(endpoint('dns-bind', { reverse }, { members }))).toMatchObject([
      { id: 'HF133', path: 'endpoints.tinder.driver.reverse.0.zoneFile' },
    ]);
    expect(lint(endpoint('dns-bind'), endpoint('dns-bind', {}, other))).toEqual([]);
  });

  test('dns-embedded: the safe default where clients are elsewhere', () => {
    expect(lint(endpoint('dns-embedded', { listen: undefined }))).toMatchObject([
      { id: 'HF112', path: 'endpoints.tinder.driver.listen' },
    ]);
    const other = endpoint('dns-embedded', {}, { name: 'chart', dnsName: `chart.${ZONE}` });
    const nameServers = [{ name: 'ns.example.com' }];
    const shared = endpoint('dns-embedded', { listen: undefined, zone: undefined, nameServers });
    expect(lint(shared, other)).toEqual([]);
    const members = [{ name: 'a', host: 'a', address: '127.0.0.2', weight: 1 }];
    expect(lint(endpoint('dns-embedded', { listen: undefined }, { members }))).toEqual([]);
  });

  test('dns-embedded: two descriptions of one zone', () => {
    const other = endpoint(
      'dns-embedded',
      { negativeTtl: '1m' },
      { name: 'chart', dnsName: `chart.${ZONE}` },
    );
    expect(lint(endpoint('dns-embedded'), other)).toMatchObject([
      {
        id: 'HF113',
        path: 'endpoints.chart.driver',
        text: "'chart' and 'tinder' share a zone and describe it differently",
      },
    ]);
  });

  test('dns-embedded: a name server that only itself could find', () => {
    expect(lint(endpoint('dns-embedded', { listen: ['0.0.0.0'] }))).toMatchObject([{ id: 'HF114' }]);
    const nameServers = [{ name: `ns.${ZONE}`, addresses: ['10.0.0.2'] }];
    expect(lint(endpoint('dns-embedded', { listen: ['0.0.0.0'], nameServers }))).toEqual([]);
    const elsewhere = [{ name: 'ns.example.com' }];
    expect(lint(endpoint('dns-embedded', { listen: ['0.0.0.0'], nameServers: elsewhere }))).toEqual([]);
  });

  test('dns-embedded: a port that no resolv.conf can name', () => {
    expect(lint(endpoint('dns-embedded', { listen: ['10.0.0.2:5300'] }))).toMatchObject([
      { id: 'HF115', path: 'endpoints.tinder.driver.listen.0' },
    ]);
  });
});

describe('keys that are refused when the file is read', () => {
  test.each(['hmac-md5', 'hmac-sha1', 'HMAC-MD5.SIG-ALG.REG.INT'])('%s is weak', (algorithm) => {
    expect(() => endpoint('dns-update', { key: { ...KEY, algorithm } })).toThrow(
      /hmac-sha256 or hmac-sha512/,
    );
  });

  test('a secret in plain text', () => {
    expect(() => endpoint('dns-update', { key: { name: 'k', secret: 'c2VjcmV0' } })).toThrow();
  });
});
