import { describe, expect, it } from 'vitest';
import { makeCatalog } from './catalog.ts';

describe('makeCatalog', () => {
  const { reasonTables, rules } = makeCatalog();

  it('gives each code one sentence: two members may not say different things by one code', () => {
    const sentences = new Map<string, string>();
    const clashes = reasonTables.flatMap((table) =>
      Object.entries(table).flatMap(([code, sentence]) => {
        const before = sentences.get(code);
        sentences.set(code, sentence.en);
        return before === undefined || before === sentence.en
          ? []
          : [`${code}: '${before}' or '${sentence.en}'`];
      }),
    );

    expect(clashes).toEqual([]);
  });

  it('has the same placeholders in both languages of every sentence', () => {
    const placeholders = (text: string): string[] =>
      [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string).sort();
    const uneven = reasonTables.flatMap((table) =>
      Object.entries(table).filter(
        ([, sentence]) =>
          [...new Set(placeholders(sentence.en))].join() !== [...new Set(placeholders(sentence.zh))].join(),
      ),
    );

    expect(uneven.map(([code]) => code)).toEqual([]);
  });

  it('numbers each rule once', () => {
    expect(new Set(rules.names).size).toBe(rules.names.length);
  });
});
