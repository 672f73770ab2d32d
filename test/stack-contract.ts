/**
 * What every stack promises (`src/stacks/stack.ts`): it knows and executes nothing, so all of it can be asked without
 * a host. A stack brings worlds: site files in which it stands.
 */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { makeCatalog } from '../src/app/catalog.ts';
import { canonicalJson } from '../src/base/digest.ts';
import { type Reason, renderReason } from '../src/base/reason.ts';
import { inOrder } from '../src/engine/graph.ts';
import type { Facts } from '../src/hosts/fact.ts';
import type { Member, ProbeSpec, Site, StackSpec } from '../src/site/model.ts';
import type { Goal, Stack } from '../src/stacks/stack.ts';
import { noFacts } from './facts.ts';
import { siteOf } from './site.ts';

export interface StackWorld {
  /** Completes "in …". */
  readonly name: string;
  /** A site file without its head, with one stack of the kind. */
  readonly site: string;
  /** What was found on its hosts; default: nothing. */
  facts?(site: Site): Facts;
}

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different specs
type AnyStack = Stack<any>;

const catalog = makeCatalog();

/** Runs the whole contract for one stack in one world. */
export function testStack(stack: AnyStack, world: StackWorld): void {
  describe(`${stack.name} in ${world.name}`, () => {
    const site = siteOf(world.site);
    const spec = [...site.stacks.values()].find(({ kind }) => kind === stack.name) as StackSpec;
    const endpoint = spec.endpoint === undefined ? undefined : site.endpoints.get(spec.endpoint);
    const members = endpoint?.members ?? [];
    const facts = world.facts?.(site) ?? noFacts;
    const goals: Goal[] = [
      { kind: 'build' },
      { kind: 'upgrade', to: '2' },
      ...members.flatMap(({ name: member }): Goal[] => [
        { kind: 'promote', member },
        { kind: 'demote', member },
      ]),
    ];
    const planAll = () => goals.map((goal) => stack.plan(site, spec, facts, goal));

    it('asks for facts of hosts of the site, with kinds whose commands a shell can read', () => {
      for (const { host, kind, args } of stack.facts(site, spec)) {
        expect(site.hosts.has(host), host).toBe(true);
        expect(kind.command(args)).not.toBe('');
        expect(() => JSON.parse(canonicalJson(args ?? null))).not.toThrow();
      }
    });

    it('plans the same twice, and leaves the site as it was', () => {
      const before = canonicalJson([...site.stacks, ...site.endpoints, ...site.hosts]);
      expect(canonicalJson(planAll())).toBe(canonicalJson(planAll()));
      expect(canonicalJson([...site.stacks, ...site.endpoints, ...site.hosts])).toBe(before);
    });

    it('plans steps of known kinds for hosts of the site, in an order that can be kept', () => {
      for (const steps of planAll()) {
        expect(inOrder(steps)).toHaveLength(steps.length);
        for (const { id, kind, host, needs } of steps) {
          expect(id.startsWith(`${spec.name}/`), id).toBe(true);
          expect(catalog.stepKinds.names).toContain(kind);
          expect(host === undefined || site.hosts.has(host), id).toBe(true);
          expect(steps.map((step) => step.id)).toEqual(expect.arrayContaining([...needs]));
        }
      }
    });

    it('gives steps arguments that their kind takes, also after the JSON of a plan, and that hold no secret', () => {
      for (const { id, kind, args } of planAll().flat()) {
        const { args: schema } = catalog.stepKinds.get(kind);
        const parsed = schema.parse(throughJson(args));
        expect(schema.parse(throughJson(parsed)), id).toEqual(parsed);
      }
    });

    it('says why in both languages, and where in the site file', () => {
      for (const { id, why, kind, args, from } of planAll().flat()) {
        expectSentence(why, id);
        const { args: schema, title } = catalog.stepKinds.get(kind);
        expectSentence(title(schema.parse(args)), id);
        expect(from?.file, id).toBe('site.yaml');
      }
    });

    it('gives probes of known kinds, named once each, whose arguments are parsed already', () => {
      const specs = stack.probes(site, spec);
      expect(new Set(specs.map(({ name }) => name)).size).toBe(specs.length);
      for (const each of specs) expectProbe(each, { name: 'm', host: 'm', address: '192.0.2.1', weight: 1 });
    });

    it('asks about fitness to lead for each pair of members', () => {
      for (const candidate of members) {
        for (const active of members) {
          if (candidate === active) continue;
          for (const each of stack.fitToLead(site, spec, candidate, active)) expectProbe(each, candidate);
        }
      }
    });
  });
}

function expectProbe({ name, kind, args, timeoutMs }: ProbeSpec, { name: member, address }: Member): void {
  const probe = catalog.probeKinds.get(kind);
  expect(probe.title(args, { member, address }), name).not.toBe('');
  expect(throughJson(args), name).toEqual(args);
  // Parsed: every default is there, so what the schema makes of nothing is no more than what it has.
  const shape = probe.args instanceof z.ZodObject ? Object.entries(probe.args.shape) : [];
  for (const [key, schema] of shape) {
    const isOptional = (schema as z.ZodType).safeParse(undefined);
    if (isOptional.success && isOptional.data !== undefined)
      expect(args, `${name}.${key}`).toHaveProperty(key);
  }
  expect(timeoutMs === undefined || timeoutMs > 0).toBe(true);
}

function expectSentence(reason: Reason, of: string): void {
  for (const language of ['en', 'zh'] as const) {
    const sentence = renderReason(reason, catalog.reasonTables, language);
    expect(sentence, of).not.toMatch(/\{\w+\}/);
    expect(sentence.startsWith(reason.code), `${of}: ${reason.code} has no sentence`).toBe(false);
  }
}

function throughJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
