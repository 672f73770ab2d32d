import { describe, expect, it } from 'vitest';
import { checkLayers, findCycles } from './check-layers.ts';

const file = (path: string, ...imports: string[]) => ({
  path,
  text: imports.map((to) => `import { x } from '${to}';`).join('\n'),
});

describe('checkLayers', () => {
  it('accepts an import of a lower layer', () => {
    expect(checkLayers([file('engine/run.ts', '../base/clock.ts')])).toEqual([]);
  });

  it('refuses an import of a higher layer and names the line', () => {
    const [violation] = checkLayers([file('base/clock.ts', './abort.ts', '../engine/run.ts')]);

    expect(violation).toMatchObject({ file: 'src/base/clock.ts', line: 2 });
    expect(violation?.mend).toContain('pass it in');
  });

  it('counts import type and dynamic imports', () => {
    const text = "import type { X } from '../cli/io.ts';\nconst y = await import('../app/context.ts');";

    expect(checkLayers([{ path: 'site/load.ts', text }])).toHaveLength(2);
  });

  it('refuses an import of the same layer in another folder', () => {
    expect(checkLayers([file('stacks/stack.ts', '../drivers/driver.ts')])).toHaveLength(1);
  });

  it('keeps the members of a family apart, but lets them share the contract', () => {
    expect(checkLayers([file('stacks/mariadb/plan.ts', '../etcd/plan.ts')])).toHaveLength(1);
    expect(checkLayers([file('stacks/mariadb/plan.ts', '../stack.ts')])).toEqual([]);
  });

  it('lets only app import a registry', () => {
    expect(checkLayers([file('procedures/apply.ts', '../stacks/registry.ts')])).toHaveLength(1);
    expect(checkLayers([file('app/catalog.ts', '../stacks/registry.ts')])).toEqual([]);
  });
});

describe('findCycles', () => {
  it('finds a circle of two and prints it closed', () => {
    const cycles = findCycles([file('base/a.ts', './b.ts'), file('base/b.ts', './a.ts')]);

    expect(cycles).toEqual([['base/a.ts', 'base/b.ts', 'base/a.ts']]);
  });
});
