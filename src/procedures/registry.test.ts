import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { procedures } from './registry.ts';

describe('the registry of procedures', () => {
  it('has one file for each procedure, of the same name', () => {
    const files = readdirSync(import.meta.dirname)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .filter((file) => /: Procedure</.test(readFileSync(join(import.meta.dirname, file), 'utf8')))
      .map((file) => file.replace(/\.ts$/, ''));
    expect([...procedures.names].sort()).toEqual(files.sort());
  });

  it.each([...procedures].map((procedure) => [procedure.name, procedure] as const))(
    '%s says what it does in both languages, with every sentence in both',
    (_name, { summary, reasons }) => {
      expect(summary.en).toMatch(/\.$/);
      expect(summary.zh).toMatch(/。$/);
      const holes = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();
      for (const { en, zh } of Object.values(reasons)) expect(holes(zh)).toEqual(holes(en));
    },
  );
});
