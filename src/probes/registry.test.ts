import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { chinese } from '../site/described.ts';
import { probeKinds } from './registry.ts';

/** What lies in this folder and is no kind. */
const others = ['probe.ts', 'run-probe.ts', 'registry.ts'];

describe('the registry of probe kinds', () => {
  test('has one line for each file, under the name of the file', () => {
    const files = readdirSync(import.meta.dirname)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !others.includes(name))
      .map((name) => name.replace(/\.ts$/, ''));
    expect([...probeKinds.names].sort()).toEqual(files.sort());
  });

  test.each([...probeKinds.names])(
    '%s says in both languages what it is, and documents each argument',
    (name) => {
      const kind = probeKinds.get(name);
      expect(kind.summary.en).not.toBe('');
      expect(kind.summary.zh).toMatch(/\p{Script=Han}/u);
      const json = z.toJSONSchema(kind.args, { io: 'input' });
      expect(json.additionalProperties).toBe(false);
      for (const [argument, schema] of Object.entries(json.properties ?? {})) {
        expect((schema as { description?: string }).description, `${name}.${argument}`).toBeTruthy();
        const zh = chinese.get((kind.args as z.ZodObject).shape[argument] as z.ZodType)?.zh;
        expect(zh, `${name}.${argument}`).toMatch(/\p{Script=Han}/u);
      }
    },
  );

  test.each([...probeKinds.names])(
    '%s gives each reason in English and Chinese with the same parameters',
    (name) => {
      expect(probeKinds.get(name).reasons).toHaveProperty(['probe/no-end']);
      const params = (text: string): string[] =>
        [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();
      for (const [code, sentence] of Object.entries(probeKinds.get(name).reasons)) {
        expect(new Set(params(sentence.zh)), code).toEqual(new Set(params(sentence.en)));
        expect(sentence.zh, code).toMatch(/\p{Script=Han}/u);
      }
    },
  );
});
