import { describe, expect, test } from 'vitest';
import { siteOf } from '../../test/site.ts';
import { drivers } from '../drivers/registry.ts';
import type { Facts } from '../hosts/fact.ts';
import { stacks } from '../stacks/registry.ts';
import { parsePreferences, sync } from './sync.ts';

const known = { drivers, stacks };
const facts = { digest: 'sha256:none', unreachable: new Map() } as unknown as Facts;
const site = siteOf(`
hosts: { original: 127.0.0.1, standby: 127.0.0.2, third: 127.0.0.3 }
endpoints:
  bootstrap: { name: www.tinder.test, driver: dns-embedded, members: [original, standby, third] }
stacks:
  tinder: { kind: artifacts, endpoint: bootstrap, files: false }
  lonely: { kind: artifacts }
`);
const plan = (request: object) => sync.plan(site, facts, sync.request.parse(request), known);
const steps = (request: object): string[] => {
  const planned = plan(request);
  if ('refused' in planned) throw new Error(planned.refused.map(({ rule }) => rule).join());
  return planned.plan.steps.map(({ id }) => id);
};
const refusal = (request: object): string[] => {
  const planned = plan(request);
  return 'refused' in planned ? planned.refused.map(({ rule }) => rule) : [];
};

describe('sync', () => {
  test('copies from the member that is named to all others, one step a service, on the target', () => {
    expect(steps({ stack: 'tinder', from: 'standby' }).sort()).toEqual([
      'original/tinder-sync-charts-from-standby',
      'original/tinder-sync-registry-from-standby',
      'third/tinder-sync-charts-from-standby',
      'third/tinder-sync-registry-from-standby',
    ]);
  });

  test('goes both ways: first what the others have, then back to them', () => {
    const ids = steps({ stack: 'tinder', from: 'original', to: 'standby', both: true });
    const at = (id: string): number => ids.indexOf(id);
    expect(ids).toHaveLength(4);
    expect(at('original/tinder-sync-registry-from-standby')).toBeLessThan(
      at('standby/tinder-sync-registry-from-original'),
    );
  });

  test.each([
    [{ stack: 'tinder', from: 'orginal' }, 'sync/unknown-member'],
    [{ stack: 'tinder', prefer: { '*': 'nobody' } }, 'sync/unknown-member'],
    [{ stack: 'tinder', from: 'standby', to: 'standby' }, 'sync/one-member'],
    [{ stack: 'tindr' }, 'sync/unknown-stack'],
    [{ stack: 'lonely' }, 'sync/no-endpoint'],
    [{}, 'sync/which-stack'],
  ])('refuses %j', (request, rule) => {
    expect(refusal(request)).toEqual([rule]);
  });

  test('takes neither as a decision that is no member', () => {
    expect(refusal({ stack: 'tinder', prefer: { '*': 'neither' } })).toEqual([]);
  });
});

test('preferences are for all, or for the one that is named; names have colons and equals signs', () => {
  expect(parsePreferences(['original', 'lib/app:v1=standby', '/a=b.tar=neither'])).toEqual({
    '*': 'original',
    'lib/app:v1': 'standby',
    '/a=b.tar': 'neither',
  });
});
