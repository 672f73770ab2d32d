import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { stacks } from './registry.ts';

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe('the registry of stacks', () => {
  it('has one folder for each stack, of the same name', () => {
    expect([...stacks.names].sort()).toEqual(folders.sort());
  });

  it('gives each rule an id of its own, in a file of its name', () => {
    const rules = [...stacks].flatMap((stack) => stack.rules.map((rule) => ({ stack: stack.name, rule })));
    expect(new Set(rules.map(({ rule }) => rule.id)).size).toBe(rules.length);
    for (const { stack, rule } of rules) {
      expect(rule.id).toMatch(/^HF[3-9]\d\d$/);
      expect(readdirSync(join(import.meta.dirname, stack, 'rules'))).toContain(`${rule.name}.ts`);
    }
  });

  it.each([...stacks].map((stack) => [stack.name, stack] as const))(
    '%s speaks both languages, and its spec has a JSON Schema',
    (_name, stack) => {
      expect(stack.summary.en).toMatch(/\.$/);
      expect(stack.summary.zh).toMatch(/。$/);
      const holes = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();
      for (const [code, { en, zh }] of Object.entries(stack.reasons))
        expect(holes(zh), code).toEqual(holes(en));
      expect(z.toJSONSchema(stack.spec, { io: 'input' })).toMatchObject({ type: 'object' });
    },
  );
});
