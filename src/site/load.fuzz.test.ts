import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { excerptAt } from './excerpt.ts';
import { lintSite } from './lint.ts';
import { loadSite } from './load.ts';
import { rules } from './rules/registry.ts';

const example = readFileSync(new URL('../../examples/dce5-bootstrap/site.yaml', import.meta.url), 'utf8');
const anything = z.looseObject({});
const schemas = {
  drivers: new Map([['dns-embedded', anything]]),
  stacks: new Map([['artifacts', anything]]),
  probes: new Map([['tcp', anything]]),
};

/** Loads, and lints where it loads; every finding must have a place that is in the file. */
function survives(text: string | Uint8Array): void {
  const { site, findings } = loadSite({ file: 'site.yaml', text, schemas });
  const all = site === undefined ? findings : lintSite(site, rules);
  const lines = (typeof text === 'string' ? text : new TextDecoder().decode(text)).split('\n');
  for (const { position } of all) {
    expect(position?.line).toBeGreaterThanOrEqual(1);
    expect(position?.line).toBeLessThanOrEqual(lines.length);
    expect(position?.column).toBeGreaterThanOrEqual(1);
    if (position !== undefined) excerptAt(lines, position);
  }
  expect(site === undefined).toBe(findings.length > 0);
}

const edit = fc.record({
  at: fc.nat(example.length),
  cut: fc.nat(12),
  put: fc.oneof(
    fc.constantFrom(
      '\t',
      '\r',
      '\n',
      ': ',
      '- ',
      '[',
      '}',
      '"',
      '&a',
      '*a',
      '<<: *a',
      '---\n',
      '!x ',
      '火种',
      '\u0000',
      '? ',
      '|',
      '\uFEFF',
      '%',
    ),
    fc.string({ maxLength: 6 }),
  ),
});

test('no edit of a site file makes the loader or the linter throw, or gives a finding without a place', () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let text = example;
      for (const { at, cut, put } of edits) text = text.slice(0, at) + put + text.slice(at + cut);
      survives(text);
    }),
    { numRuns: 500 },
  );
});

test('nor do any bytes at all', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), survives), { numRuns: 500 });
});

test('nor does any value in any place', () => {
  const keys = fc.constantFrom(
    'hosts',
    'endpoints',
    'stacks',
    'access',
    'lint',
    'audit',
    'watch',
    'a',
    'driver',
    'members',
    'probes',
    'address',
    'kind',
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('a', 'tcp', 'Site', '10.0.0.1', '5s'),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(keys, tie('tree'), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(keys, tree, { maxKeys: 6 }), (value) => {
      survives(
        JSON.stringify({ apiVersion: 'holdfast/v1', kind: 'Site', metadata: { name: 'x' }, ...value }),
      );
    }),
    { numRuns: 500 },
  );
});
