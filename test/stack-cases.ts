/** Stacks as data: a site and what was found on its hosts → the steps of its plan. One runner for all of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { isHoldfastError } from '../src/base/errors.ts';
import type { FactQuery, Facts } from '../src/hosts/fact.ts';
import type { StackSpec } from '../src/site/model.ts';
import type { Stack } from '../src/stacks/stack.ts';
import { noFacts } from './facts.ts';
import { siteOf } from './site.ts';

const stackCase = z.strictObject({
  /** A sentence. */
  about: z.string(),
  /** A site file without its head; its first stack is planned. */
  site: z.string(),
  /** By host and name of the fact. */
  facts: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  steps: z
    .array(
      z.strictObject({
        id: z.string(),
        kind: z.string(),
        host: z.string().optional(),
        needs: z.array(z.string()).default([]),
        /** What of the arguments the case is about. */
        args: z.unknown().optional(),
        /** Line of the site file, its three lines of head counted. */
        line: z.number().optional(),
      }),
    )
    .optional(),
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different specs
type AnyStack = Stack<any>;

/** Runs every case of a folder. */
export function testStackCases(folder: string, stack: AnyStack): void {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    const cases = z.array(stackCase).parse(parse(readFileSync(join(folder, file), 'utf8')));
    describe(`cases of ${stack.name}/${file}`, () => {
      for (const each of cases) it(each.about, () => runCase(each, stack));
    });
  }
}

function runCase(each: z.infer<typeof stackCase>, stack: AnyStack): void {
  const site = siteOf(each.site);
  const [spec] = [...site.stacks.values()] as [StackSpec];
  const facts: Facts = {
    ...noFacts,
    get: <T, A>({ host, kind }: FactQuery<T, A>) => each.facts[host]?.[kind.name] as T | undefined,
  };
  if (each.error !== undefined) {
    let thrown: unknown;
    try {
      stack.plan(site, spec, facts, { kind: 'build' });
    } catch (error) {
      thrown = error;
    }
    if (!isHoldfastError(thrown)) throw thrown ?? new Error('it was planned');
    expect({ code: thrown.code, message: thrown.message }).toEqual(each.error);
    return;
  }
  const steps = stack.plan(site, spec, facts, { kind: 'build' });
  const expected = each.steps ?? [];
  expect(steps.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  for (const [at, { line, args, ...step }] of expected.entries()) {
    expect(steps[at]).toMatchObject({ ...step, ...(args === undefined ? {} : { args }) });
    if (line !== undefined) expect(steps[at]?.from?.line, step.id).toBe(line);
  }
}
