import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allErrorTables } from './error-tables.ts';

const SRC = resolve(import.meta.dirname, '..');
const HAN = /\p{Script=Han}/u;

interface Use {
  readonly code: string;
  readonly file: string;
}

/** Every code that the source gives to an error: throughout Holdfast, as `code: 'area/what'`. */
function usesIn(text: string, file: string): Use[] {
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return [...bare.matchAll(/\bcode:\s*([^,;{}]*)/g)].flatMap(([, value]) =>
    [...(value as string).matchAll(/'([a-z][a-z0-9-]*\/[a-z][a-z0-9-]*)'/g)].map(([, code]) => ({
      code: code as string,
      file,
    })),
  );
}

const uses = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .flatMap((name) => usesIn(readFileSync(join(SRC, name), 'utf8'), `src/${name}`));
const entries = allErrorTables.flatMap((table) => Object.entries(table));
const documented = new Set(entries.map(([code]) => code));

describe('the error tables', () => {
  it('have an entry for every code that the source throws', () => {
    const missing = uses.filter(({ code }) => !documented.has(code));

    expect(missing.map(({ code, file }) => `${file}: add '${code}' to the table of its area`)).toEqual([]);
  });

  it('have no entry for a code that nothing throws', () => {
    const thrown = new Set(uses.map(({ code }) => code));

    expect([...documented].filter((code) => !thrown.has(code))).toEqual([]);
  });

  it('have each code once', () => {
    expect(entries).toHaveLength(documented.size);
  });

  it('say in both languages, in whole sentences, what happened and what mends it', () => {
    const isEnglish = (text: string) => /^\S.*\.$/.test(text) && !HAN.test(text);
    const isChinese = (text: string) => text.endsWith('。') && HAN.test(text);
    const unfit = entries.filter(
      ([, { en, zh }]) => ![en.what, en.mend].every(isEnglish) || ![zh.what, zh.mend].every(isChinese),
    );

    expect(unfit.map(([code]) => code)).toEqual([]);
  });
});

describe('the search for thrown codes', () => {
  it('finds a code where it is given: alone, chosen, or as a fallback', () => {
    const text = `
      throw new StoreError({ code: 'store/held', message });
      return fail({ code: isOlder ? 'driver/older-epoch' : 'driver/epoch-reused', message });
      code: meaning?.code ?? 'host/file-failed',`;

    expect(usesIn(text, 'x.ts').map(({ code }) => code)).toEqual([
      'store/held',
      'driver/older-epoch',
      'driver/epoch-reused',
      'host/file-failed',
    ]);
  });

  it('does not take a comparison, a comment or a DNS response code for one', () => {
    const text = `
      /** code: 'host/old' */
      if (error.code === 'store/held') return;
      // code: 'host/older'
      const found = { rcode: 'dns/none' };`;

    expect(usesIn(text, 'x.ts')).toEqual([]);
  });
});
