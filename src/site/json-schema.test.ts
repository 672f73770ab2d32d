import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { durationSchema } from '../base/zod-duration.ts';
import { say } from './described.ts';
import { type JsonSchema, siteJsonSchema } from './json-schema.ts';

const schemas = {
  drivers: new Map<string, z.ZodType>([
    ['dns-embedded', z.strictObject({ listen: z.string().default(':53') })],
    [
      'dns-bind',
      z.strictObject({
        server: say(z.string(), 'The server.', '服务器。'),
        settle: durationSchema().prefault('10s'),
      }),
    ],
  ]),
  stacks: new Map([['artifacts', z.strictObject({ registry: z.number().optional() })]]),
  probes: new Map([['tcp', z.strictObject({ port: z.number() })]]),
};
const schema = siteJsonSchema(schemas, (_, kind) => `about ${kind}`);
const definition = (name: string) =>
  (schema.definitions as Record<string, { oneOf: JsonSchema[] }>)[name]?.oneOf;

/** Zod reads JSON Schema too, so the schema can be tried on files without another library. */
const judge = z.fromJSONSchema(schema as never);
const accepts = (yaml: string): boolean => judge.safeParse(parse(yaml)).success;
const site = (rest: string) => `apiVersion: holdfast/v1\nkind: Site\nmetadata: { name: x }\n${rest}`;

describe('the JSON Schema', () => {
  test('has a shape for each driver, with its kind, its settings and what is said about them', () => {
    expect(definition('driver')?.[0]).toEqual({ enum: ['dns-embedded'] });
    expect(definition('driver')?.[2]).toMatchObject({
      title: 'dns-bind',
      description: 'about dns-bind',
      properties: {
        kind: { const: 'dns-bind' },
        server: { type: 'string', description: 'The server.' },
        settle: { default: '10s' },
      },
      required: ['kind', 'server'],
      additionalProperties: false,
    });
  });

  test('lets stacks name their endpoint, and probes themselves', () => {
    expect(definition('stack')?.[0]?.properties).toHaveProperty('endpoint');
    expect(definition('probe')?.[0]?.properties).toHaveProperty('name');
  });

  test('accepts every short form', () => {
    expect(
      accepts(
        site(
          'x-anything: [1]\nhosts: { a: 10.0.0.1, b: { address: 10.0.0.2, jump: a } }\nendpoints: { e: { driver: dns-embedded, members: [a, { host: b, weight: 2 }], probes: [{ kind: tcp, port: 1 }], ttl: 5s, failback: auto } }\nstacks: { s: { kind: artifacts, endpoint: e } }\n',
        ),
      ),
    ).toBe(true);
  });

  test.each([
    ['a missing apiVersion', 'kind: Site\nmetadata: { name: x }\nhosts: {}\n'],
    ['an unknown key', site('hosts: { a: { adress: 10.0.0.1 } }\n')],
    [
      'a duration without a unit',
      site('hosts: {}\nendpoints: { e: { driver: dns-embedded, members: [a], ttl: 5 } }\n'),
    ],
    ['an unknown driver', site('hosts: {}\nendpoints: { e: { driver: dns-embeded, members: [a] } }\n')],
    [
      'a driver that needs settings, without them',
      site('hosts: {}\nendpoints: { e: { driver: dns-bind, members: [a] } }\n'),
    ],
    ['an unknown setting of a stack', site('hosts: {}\nstacks: { s: { kind: artifacts, registri: 1 } }\n')],
  ])('refuses %s', (_, yaml) => {
    expect(accepts(yaml)).toBe(false);
  });
});
