import { describe, expect, it } from 'vitest';
import { noFacts } from '../../test/facts.ts';
import { catalog, siteOf } from '../../test/site.ts';
import { HoldfastError } from '../base/errors.ts';
import type { Finding } from '../base/finding.ts';
import { renderReason } from '../base/reason.ts';
import type { Facts } from '../hosts/fact.ts';
import { apply } from './apply.ts';
import type { Planned } from './procedure.ts';

const { known, reasonTables } = catalog;
const TEXT = `
hosts: { a: 10.0.0.1, b: 10.0.0.2, c: 10.0.0.3 }
stacks:
  nodes: { kind: baseline, hosts: all, packages: [jq], hostsFile: { absent: [www.tinder.test] } }
  motd: { kind: baseline, hosts: [b, a], files: [{ path: /etc/motd, content: hello }] }
`;
const site = siteOf(TEXT);
const plan = (request: object, facts: Facts = noFacts, of = site): Planned =>
  apply.plan(of, facts, apply.request.parse(request), known);
const idsOf = (planned: Planned): string[] =>
  'plan' in planned ? planned.plan.steps.map(({ id }) => id) : [];
const say = (findings: readonly Finding[]): string[] =>
  findings.map(({ because, hint }) =>
    [because, hint].map((reason) => renderReason(reason, reasonTables, 'en')).join(' → '),
  );
const refusals = (planned: Planned): string[] => ('refused' in planned ? say(planned.refused) : []);

describe('the plan of apply', () => {
  it('has the steps of every stack, in the order of the file', () => {
    const planned = plan({});
    expect(idsOf(planned)).toEqual([
      'nodes/a/hosts-file',
      'nodes/a/packages',
      'nodes/b/hosts-file',
      'nodes/b/packages',
      'nodes/c/hosts-file',
      'nodes/c/packages',
      'motd/a/file/etc/motd',
      'motd/b/file/etc/motd',
    ]);
    expect(planned).toMatchObject({
      plan: { procedure: 'apply', request: {}, site: site.digest, facts: noFacts.digest },
      warnings: [],
    });
  });

  it('is the same for the same site and facts, and another for others', () => {
    const digestOf = (planned: Planned) => 'plan' in planned && planned.plan.digest;
    expect(digestOf(plan({}))).toBe(digestOf(plan({}, noFacts, siteOf(TEXT))));
    expect(digestOf(plan({}))).toBe(digestOf(plan({}, noFacts, siteOf(`# a comment\n${TEXT}`))));
    expect(digestOf(plan({}, { ...noFacts, digest: 'sha256:1' }))).not.toBe(digestOf(plan({})));
    expect(digestOf(plan({}, noFacts, siteOf(TEXT.replace('hello', 'hi'))))).not.toBe(digestOf(plan({})));
    expect(digestOf(plan({ stacks: ['nodes'] }))).not.toBe(digestOf(plan({})));
  });

  it('is of the stacks and hosts that were chosen', () => {
    expect(idsOf(plan({ stacks: ['motd'] }))).toEqual(['motd/a/file/etc/motd', 'motd/b/file/etc/motd']);
    expect(idsOf(plan({ hosts: ['c'] }))).toEqual(['nodes/c/hosts-file', 'nodes/c/packages']);
    expect(idsOf(plan({ hosts: ['c'], stacks: ['motd'] }))).toEqual([]);
  });

  it('is refused for names that the site does not have, all of them at once', () => {
    expect(refusals(plan({ hosts: ['a', 'x'], stacks: ['node'], endpoints: ['www'] }))).toEqual([
      "the site has no host named 'x' → it has: a, b, c",
      "the site has no stack named 'node' → did you mean 'nodes'?",
      "the site has no endpoint named 'www' → it has: ",
    ]);
  });
});

describe('hosts that cannot be reached', () => {
  const error = new HoldfastError({ code: 'host/refused', message: 'refused', hint: 'Start sshd there.' });
  const facts: Facts = {
    ...noFacts,
    unreachable: new Map([['b', 'connection refused']]),
    errors: new Map([['b', error]]),
  };

  it('refuse the plan, with what to do', () => {
    expect(refusals(plan({}, facts))).toEqual([
      "host 'b' cannot be worked on: connection refused → Start sshd there. Or leave the host out: name the others with --hosts.",
    ]);
  });

  it('are a warning where they were not chosen', () => {
    const planned = plan({ hosts: ['a'] }, facts);
    expect(idsOf(planned)).toEqual(['nodes/a/hosts-file', 'nodes/a/packages', 'motd/a/file/etc/motd']);
    expect('warnings' in planned && say(planned.warnings)[0]).toContain(
      "host 'b' cannot be asked (connection refused)",
    );
  });

  it('do not hide what cannot be planned: all reasons stand there', () => {
    const broken = siteOf(
      `${TEXT}  more: { kind: baseline, hosts: all, files: [{ path: /x, source: nowhere }] }\n`,
    );
    const planned = plan({}, facts, broken);
    expect(refusals(planned)).toHaveLength(2);
    expect('refused' in planned && planned.refused[1]).toMatchObject({
      rule: 'apply/cannot-plan',
      position: { file: 'site.yaml', line: 9 },
    });
  });
});

describe('facts that are not understood', () => {
  it('are a warning', () => {
    const facts: Facts = { ...noFacts, failures: [{ host: 'a', fact: 'init', message: 'rubbish' }] };
    const planned = plan({}, facts);
    expect('warnings' in planned && say(planned.warnings)).toEqual([
      "what 'a' says of its init is not understood: rubbish → the plan goes on without it; `holdfast facts` shows the output",
    ]);
  });
});

describe('what apply asks of the hosts', () => {
  it('is what the chosen stacks and drivers ask, each once', () => {
    const asked = (request: object): string[] =>
      apply.facts(site, apply.request.parse(request), known).map(({ host, kind }) => `${host} ${kind.name}`);
    expect(asked({})).toHaveLength(6);
    expect(new Set(asked({})).size).toBe(6);
    expect(asked({ stacks: ['motd'] })).toEqual([
      'a package-manager',
      'a init',
      'b package-manager',
      'b init',
    ]);
  });
});

describe('a plan of ten thousand hosts', () => {
  it('holds every step once', () => {
    const names = Array.from({ length: 10_000 }, (_, n) => `n${n}`);
    const hosts = names.map((name, n) => `${name}: 10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`).join(', ');
    const large = siteOf(
      `hosts: { ${hosts} }\nstacks: { base: { kind: baseline, hosts: all, packages: [jq], sysctl: { kernel.panic: 10 } } }`,
    );
    expect(new Set(idsOf(plan({}, noFacts, large))).size).toBe(20_000);
  });
});
