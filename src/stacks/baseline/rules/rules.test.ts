import { describe, expect, it } from 'vitest';
import { siteOf } from '../../../../test/site.ts';
import { renderReason } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { baselineConflict } from './baseline-conflict.ts';
import { baselineOverridesName } from './baseline-overrides-name.ts';

const hits = (rule: Rule, text: string): string[] =>
  [...rule.check(siteOf(text))].map(
    ({ path, because }) => `${path.join('.')}: ${renderReason(because, [rule.reasons], 'en')}`,
  );

const endpoint = `
hosts: { a: 10.0.0.1, b: 10.0.0.2 }
endpoints: { tinder: { name: www.tinder.test, driver: dns-embedded, members: [a, b] } }
`;

describe('HF390: a baseline that overrides the name of an endpoint', () => {
  it('is found at the name, in whatever case', () => {
    const site = `${endpoint}stacks:
  base:
    kind: baseline
    hosts: all
    hostsFile: { entries: [{ address: 10.0.0.1, names: [files, WWW.Tinder.test] }] }`;
    expect(hits(baselineOverridesName, site)).toEqual([
      "stacks.base.hostsFile.entries.0.names.1: puts 'www.tinder.test' into the hosts file, which then overrides the DNS name of endpoint 'tinder'",
    ]);
  });

  it('is not one that keeps the name out, or has other names', () => {
    const site = `${endpoint}stacks:
  base: { kind: baseline, hosts: all, hostsFile: { absent: [www.tinder.test], entries: [{ address: 10.0.0.1, names: [tinder.test] }] } }`;
    expect(hits(baselineOverridesName, site)).toEqual([]);
  });
});

describe('HF391: two baselines that contradict each other', () => {
  const two = (first: string, second: string): string => `${endpoint}stacks:
  one: { kind: baseline, ${first} }
  two: { kind: baseline, ${second} }`;

  it('are found at the second one, once, with the first host', () => {
    const site = two(
      'hosts: all, files: [{ path: /etc/motd, content: one }]',
      'hosts: all, files: [{ path: /etc/motd, content: two }]',
    );
    expect(hits(baselineConflict, site)).toEqual([
      "stacks.two.files.0: wants file /etc/motd on 'a' otherwise than the baseline 'one' does",
    ]);
  });

  it('are found for packages, units, directories and kernel parameters', () => {
    const site = two(
      'hosts: b, packages: [jq], services: [nginx], directories: [{ path: /srv }], sysctl: { kernel.panic: 1 }',
      "hosts: all, packages: [{ name: jq, version: '1' }], services: [{ unit: nginx, state: stopped }], directories: [{ path: /srv, mode: '0700' }], sysctl: { kernel.panic: 2 }",
    );
    expect(hits(baselineConflict, site).map((hit) => hit.split(':')[0])).toEqual([
      'stacks.two.directories.0',
      'stacks.two.packages.0',
      'stacks.two.services.0',
      'stacks.two.sysctl.kernel.panic',
    ]);
  });

  it('are none where they agree, or concern different hosts', () => {
    const file = 'files: [{ path: /etc/motd, content: one }]';
    expect(hits(baselineConflict, two(`hosts: all, ${file}`, `hosts: all, ${file}`))).toEqual([]);
    expect(
      hits(
        baselineConflict,
        two(`hosts: a, ${file}`, 'hosts: b, files: [{ path: /etc/motd, content: two }]'),
      ),
    ).toEqual([]);
  });
});
