/** Drivers as data: a site and what was found on its hosts → the steps of its plan. One runner for all of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { isHoldfastError } from '../src/base/errors.ts';
import type { EndpointDriver } from '../src/drivers/driver.ts';
import type { FactQuery, Facts } from '../src/hosts/fact.ts';
import type { Endpoint } from '../src/site/model.ts';
import { noFacts } from './facts.ts';
import { siteOf } from './site.ts';

const driverCase = z.strictObject({
  /** A sentence. */
  about: z.string(),
  /** A site file without its head; its first endpoint is planned. */
  site: z.string(),
  /** By host and name of the fact. */
  facts: z.record(z.string(), z.record(z.string(), z.unknown())),
  /** In order: `id kind`. */
  steps: z.array(z.string()).optional(),
  /** By id: what must stand in its arguments, as JSON. */
  contains: z.record(z.string(), z.array(z.string())).default({}),
  /** By id: what may not. */
  lacks: z.record(z.string(), z.array(z.string())).default({}),
  error: z.strictObject({ code: z.string(), got: z.string().optional() }).optional(),
});
type DriverCase = z.infer<typeof driverCase>;

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different configurations
type AnyDriver = EndpointDriver<any>;

/** Runs every case of a folder. */
export function testDriverCases(folder: string, driver: AnyDriver): void {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    const cases = z.array(driverCase).parse(parse(readFileSync(join(folder, file), 'utf8'), { merge: true }));
    describe(`cases of ${driver.name}/${file}`, () => {
      for (const each of cases) it(each.about, () => runCase(each, driver));
    });
  }
}

function runCase(each: DriverCase, driver: AnyDriver): void {
  const site = siteOf(each.site);
  const [endpoint] = [...site.endpoints.values()] as [Endpoint];
  const facts: Facts = {
    ...noFacts,
    get: <T, A>({ host, kind }: FactQuery<T, A>) => each.facts[host]?.[kind.name] as T | undefined,
  };
  if (each.error !== undefined) {
    expect(errorOf(() => driver.plan(site, endpoint, facts))).toMatchObject(each.error);
    return;
  }
  const steps = driver.plan(site, endpoint, facts);
  if (each.steps !== undefined) expect(steps.map(({ id, kind }) => `${id} ${kind}`)).toEqual(each.steps);
  const argsOf = (id: string): string => {
    const step = steps.find((one) => one.id === id);
    return JSON.stringify(step?.args) ?? `no step ${id}`;
  };
  for (const [id, texts] of Object.entries(each.contains)) {
    for (const text of texts) expect(holds(argsOf(id), text), `${id}: ${text}\n${argsOf(id)}`).toBe(true);
  }
  for (const [id, texts] of Object.entries(each.lacks)) {
    for (const text of texts) expect(holds(argsOf(id), text), `${id}: ${text}`).toBe(false);
  }
}

/** A part of the arguments, or of a text in them, whose quotes are escaped there. */
function holds(json: string, text: string): boolean {
  return json.includes(text) || json.includes(JSON.stringify(text).slice(1, -1));
}

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    if (isHoldfastError(error)) return error;
    throw error;
  }
  throw new Error('it was planned');
}
