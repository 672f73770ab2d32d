/** What hosts print and what is understood, as data: `cases/<fact>.yaml`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { FactTiming } from '../fact.ts';
import { factKinds } from './registry.ts';

interface Case {
  readonly title: string;
  readonly output: string;
  readonly timing?: FactTiming;
  readonly value?: unknown;
  readonly stable?: unknown;
  readonly failure?: string;
}

const folder = join(import.meta.dirname, 'cases');

/** YAML has no undefined; null stands for it. */
const nullish = (value: unknown): unknown => value ?? null;

describe.each(readdirSync(folder).map((file) => file.replace('.yaml', '')))('%s', (name) => {
  const kind = factKinds.get(name);
  const cases = parse(readFileSync(join(folder, `${name}.yaml`), 'utf8')) as Case[];

  it.each(cases)('understands: $title', ({ output, timing, value, stable, failure }) => {
    if (failure !== undefined) {
      expect(() => kind.parse(output, undefined, timing)).toThrow(expect.objectContaining({ code: failure }));
      return;
    }
    const found = kind.parse(output, undefined, timing);
    expect(nullish(found)).toEqual(value);
    if (stable !== undefined)
      expect(nullish(kind.stable === undefined ? found : kind.stable(found))).toEqual(stable);
  });

  it('understands what a confused host may print, or says that it does not', () => {
    for (const output of ['\n', 'sh: not found\n', '## x\n', '\0\0', 'a b c d e f g\n'.repeat(50)]) {
      try {
        kind.parse(output, undefined);
      } catch (error) {
        expect(error).toMatchObject({ code: 'host/fact-unreadable' });
      }
    }
  });
});
