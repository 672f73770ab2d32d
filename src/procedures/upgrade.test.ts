import { describe, expect, it } from 'vitest';
import { noFacts } from '../../test/facts.ts';
import { catalog, siteOf } from '../../test/site.ts';
import { renderReason } from '../base/reason.ts';
import { inOrder } from '../engine/graph.ts';
import type { FactQuery, Facts } from '../hosts/fact.ts';
import { apply } from './apply.ts';
import { upgrade } from './upgrade.ts';

const { known, reasonTables } = catalog;
const TEXT = `
hosts: { original: 172.30.41.193, standby: 172.30.41.194, node: 172.30.41.195 }
endpoints:
  tinder:
    name: www.tinder-node-server.com
    driver: { kind: dns-embedded, listen: [172.30.41.192] }
    members: [original, standby]
stacks:
  bootstrap: { kind: artifacts, endpoint: tinder }
  dce5: { kind: dce5, endpoint: tinder, package: /home/offline-v2 }
`;
const site = siteOf(TEXT);
/** As every host sees the name. */
const leadingTo = (address: string): Facts => ({
  ...noFacts,
  get: <T, A>({ kind }: FactQuery<T, A>) =>
    (kind.name === 'dce5-name-view'
      ? { overrides: [], addresses: [address], servers: [], coredns: undefined }
      : undefined) as T | undefined,
});
const plan = (request: object, facts: Facts, of = site) =>
  upgrade.plan(of, facts, upgrade.request.parse(request), known);
const said = (planned: ReturnType<typeof plan>): string[] =>
  'refused' in planned
    ? planned.refused.map(({ because, hint }) =>
        [because, hint].map((reason) => renderReason(reason, reasonTables, 'en')).join(' → '),
      )
    : [];

describe('the plan of an upgrade', () => {
  it('upgrades the original, verifies it, and only then touches the standby', () => {
    const planned = plan({}, leadingTo('172.30.41.193'));
    if ('refused' in planned) throw new Error(said(planned).join('\n'));
    const { steps } = planned.plan;
    const needsOf = (id: string) => steps.find((step) => step.id === id)?.needs ?? [];
    const earlierThan = (id: string): Set<string> =>
      new Set(needsOf(id).flatMap((need) => [need, ...earlierThan(need)]));
    expect(inOrder(steps)).toHaveLength(steps.length);
    expect([...earlierThan('dce5/standby/upgrade')]).toEqual(
      expect.arrayContaining([
        'dce5/original/upgrade',
        'dce5/original/certificate',
        'bootstrap/original/registry',
        'bootstrap/original/files',
        'bootstrap/original/charts',
        'dce5/standby/copy-package',
        'dce5/node/name',
      ]),
    );
    expect([...earlierThan('dce5/standby/config')]).toContain('bootstrap/original/charts');
    expect([...earlierThan('bootstrap/standby/registry')]).toContain('dce5/standby/upgrade');
    // The copy may go on meanwhile.
    expect([...earlierThan('dce5/standby/copy-package')]).toEqual([]);
    expect(steps.find(({ id }) => id === 'dce5/original/upgrade')?.args).toMatchObject({
      task: 'upgrade',
      package: '/home/offline-v2',
      mustLeadTo: '172.30.41.193',
    });
  });

  it('is refused while the name leads to the standby, with the command that brings it back', () => {
    const [first, ...more] = said(plan({ stack: 'dce5' }, leadingTo('172.30.41.194')));
    expect(more).toEqual([]);
    expect(first).toContain('does not lead to the original');
    expect(first).toContain('got original: getent: 172.30.41.194');
    expect(first).toContain('holdfast failback tinder');
  });

  it('is refused where a host cannot be reached, or where there is nothing to upgrade', () => {
    const facts = { ...leadingTo('172.30.41.193'), unreachable: new Map([['standby', 'no route']]) };
    expect(said(plan({}, facts))[0]).toContain("host 'standby' cannot be reached: no route");
    const bare = siteOf(TEXT.replace(/ {2}dce5:.*\n/, ''));
    expect(said(plan({}, noFacts, bare))[0]).toContain('no stack of the site has an upgrade');
    expect(said(plan({ stack: 'dce' }, noFacts))[0]).toContain("no stack named 'dce'");
  });
});

describe('the plan of a build', () => {
  it('installs before it asks whether images, files and charts are served, whichever stands first in the file', () => {
    const planned = apply.plan(site, leadingTo('172.30.41.193'), {}, known);
    if ('refused' in planned) throw new Error('refused');
    const needs = planned.plan.steps.find(({ id }) => id === 'bootstrap/original/registry')?.needs;
    expect(needs).toContain('dce5/standby/certificate');
  });
});
