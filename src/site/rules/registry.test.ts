import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { unusedSuppression } from '../lint.ts';
import { loadChecks } from '../load-checks.ts';
import { rules } from './registry.ts';

describe('the registry of rules', () => {
  test('names each rule for its file, and knows every file', () => {
    const files = readdirSync(import.meta.dirname)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'registry.ts')
      .map((name) => name.replace('.ts', ''));

    expect([...rules.names].sort()).toEqual(files.sort());
  });

  test('gives no id twice, not even to what the loader checks', () => {
    const ids = [
      ...[...rules].map((rule) => rule.id),
      ...Object.values(loadChecks).map((check) => check.id),
      unusedSuppression.id,
    ];

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^HF0\d\d$/.test(id))).toBe(true);
  });

  test('lists them in the order of their ids', () => {
    const ids = [...rules].map((rule) => rule.id);

    expect(ids).toEqual([...ids].sort());
  });

  test.each([...rules])('$name explains itself in English and in Chinese', (rule) => {
    expect(rule.explanation.en.length).toBeGreaterThan(80);
    for (const { en, zh } of [rule.title, rule.explanation, ...Object.values(rule.reasons)]) {
      expect(en).not.toMatch(/\p{Script=Han}/u);
      expect(zh).toMatch(/\p{Script=Han}/u);
      expect(new Set(zh.match(/\{\w+\}/g))).toEqual(new Set(en.match(/\{\w+\}/g)));
    }
  });
});
