import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { etcd } from './etcd.ts';
import { kubernetes } from './kubernetes.ts';
import type { Workshop } from './recipe.ts';

const workshop: Workshop = {
  folder: '/a b/building',
  aptSources: '/a b/sources',
  goRoot: '/usr/lib/go-1.19',
};

describe.each([kubernetes, etcd])('the recipe of $name', (recipe) => {
  it('has scripts that a POSIX shell understands, also in a folder with a blank in its name', () => {
    for (const stage of recipe.stages) {
      const { text } = stage.script(workshop);
      expect(() => execFileSync('sh', ['-n', '-c', text], { stdio: 'pipe' })).not.toThrow();
      expect(text.replaceAll(/'[^']*'/g, '')).not.toContain('/a b/');
    }
  });

  it('has a name of its own for each stage, because stamps are kept by name', () => {
    const names = recipe.stages.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain('');
  });
});

describe('the recipe of kubernetes', () => {
  it('compiles each program in a stage of its own, so that a cut one costs only itself', () => {
    const stages = new Set(kubernetes.stages.map(({ name }) => name));
    expect(kubernetes.programs.filter(({ name }) => !stages.has(name))).toEqual([]);
  });
});
