import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { registry } from '../../base/registry.ts';
import type { Prober } from './probe.ts';
import { stepKindsWith } from './registry.ts';

// biome-ignore lint/suspicious/noExplicitAny: a family's members have different argument types
const kinds = stepKindsWith(registry<Prober<any>>('probe', [], ({ kind }) => kind));

describe('the registry of step kinds', () => {
  it('has one file for each kind, of the same name', () => {
    const files = readdirSync(import.meta.dirname, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
      .map((entry) => entry.name.replace(/\.ts$/, ''))
      .filter((name) => name !== 'registry');
    expect([...kinds.names].sort()).toEqual(files.sort());
  });

  it('holds each kind under its own name', () => {
    for (const name of kinds.names) expect(kinds.get(name).kind).toBe(name);
  });

  it('has every sentence in both languages, under a code that no other kind uses with other words', () => {
    const seen = new Map<string, string>();
    for (const kind of kinds) {
      for (const [code, sentence] of Object.entries(kind.reasons)) {
        expect(sentence.en, code).not.toBe('');
        expect(sentence.zh, code).toMatch(/\p{Script=Han}/u);
        expect(seen.get(code) ?? sentence.en, code).toBe(sentence.en);
        seen.set(code, sentence.en);
      }
    }
  });

  it('uses the same placeholders in both languages', () => {
    const holes = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();
    for (const kind of kinds) {
      for (const [code, { en, zh }] of Object.entries(kind.reasons))
        expect(holes(zh), code).toEqual(holes(en));
    }
  });
});
