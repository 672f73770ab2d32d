/**
 * Fails where an import points up the layers, where a folder imports a sibling it may not, or where files import
 * each other in a circle. `import type` counts. The table below is DESIGN §5.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Folder of `src/` → layer. An import goes to a lower number, or stays inside its own folder. */
export const LAYERS: Readonly<Record<string, number>> = {
  base: 0,
  site: 1,
  hosts: 2,
  dns: 2,
  store: 2,
  engine: 3,
  probes: 3,
  analysis: 3,
  stacks: 4,
  drivers: 4,
  procedures: 5,
  watch: 6,
  drill: 6,
  app: 7,
  web: 8,
  lab: 8,
  cli: 9,
};

/** In these, each subfolder is a house of its own: `stacks/mariadb` may not import `stacks/etcd`. */
const FAMILIES = new Set(['stacks', 'drivers']);

export interface SourceFile {
  /** Relative to `src/`, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly mend: string;
}

interface Import {
  readonly from: string;
  readonly to: string;
  readonly line: number;
  readonly text: string;
}

/** All imports inside `src/`, static, type-only and dynamic. */
export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = [];
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"])(\.{1,2}\/[^'"]+)\1/g;
  for (const match of file.text.matchAll(pattern)) {
    const before = file.text.slice(0, match.index);
    const line = before.split('\n').length;
    found.push({
      from: file.path,
      to: join(dirname(file.path), match[2] as string),
      line,
      text: (file.text.split('\n')[line - 1] ?? '').trim(),
    });
  }
  return found;
}

/** Every violation of the layers; tests may import anything below `app`, and registries. */
export function checkLayers(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => importsOf(file).flatMap((found) => judge(found)));
}

function judge(found: Import): Violation[] {
  const [fromFolder, fromMember] = found.from.split('/');
  const [toFolder, toMember] = found.to.split('/');
  const violation = (mend: string): Violation[] => [
    { file: `src/${found.from}`, line: found.line, text: found.text, mend },
  ];
  const isTest = found.from.endsWith('.test.ts');
  if (found.to.startsWith('..'))
    return isTest ? [] : violation('Code in src/ may not import tests or scripts.');
  const from = LAYERS[fromFolder as string];
  const to = LAYERS[toFolder as string];
  if (from === undefined) return violation(`Give src/${fromFolder} a layer in scripts/check-layers.ts.`);
  if (to === undefined) return violation(`src/${toFolder} has no layer: move the thing to one that has.`);
  if (found.to.endsWith('/registry.ts') && toFolder !== 'base' && fromFolder !== 'app' && !isTest) {
    return violation('Only app/ and tests import a registry: take what you need as a parameter.');
  }
  if (fromFolder === toFolder) {
    const crossesHouses =
      FAMILIES.has(fromFolder as string) &&
      found.from.split('/').length > 2 &&
      found.to.split('/').length > 2 &&
      fromMember !== toMember;
    return crossesHouses
      ? violation(
          `Move what ${fromFolder}/${fromMember} and ${toFolder}/${toMember} share to a layer below ${to}.`,
        )
      : [];
  }
  if (to < from) return [];
  return violation(
    `${fromFolder} (layer ${from}) may import only layers below ${from}: move the thing to a layer under ${from}, or pass it in.`,
  );
}

/** Circles of imports, each as the list of its files. Type-only imports count: they are a circle of ideas. */
export function findCycles(files: readonly SourceFile[]): string[][] {
  const edges = new Map(files.map((file) => [file.path, importsOf(file).map((found) => found.to)]));
  const state = new Map<string, 'open' | 'closed'>();
  const trail: string[] = [];
  const cycles: string[][] = [];
  const visit = (path: string): void => {
    if (state.get(path) === 'closed' || !edges.has(path)) return;
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path]);
      return;
    }
    state.set(path, 'open');
    trail.push(path);
    for (const next of edges.get(path) ?? []) visit(next);
    trail.pop();
    state.set(path, 'closed');
  };
  for (const path of edges.keys()) visit(path);
  return cycles;
}

function readSources(root: string): SourceFile[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, name))
    .filter(
      (path) =>
        path.endsWith('.ts') && statSync(path).isFile() && !relative(root, path).startsWith('web/page/'),
    )
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }));
}

if (process.argv[1] === import.meta.filename) {
  const files = readSources(resolve(import.meta.dirname, '../src'));
  const violations = checkLayers(files);
  const cycles = findCycles(files);
  for (const { file, line, text, mend } of violations)
    console.error(`${file}:${line}: ${text}\n    → ${mend}`);
  for (const cycle of cycles) console.error(`circle: ${cycle.map((path) => `src/${path}`).join(' → ')}`);
  console.log(`layers: ${files.length} files, ${violations.length} violations, ${cycles.length} circles`);
  if (violations.length + cycles.length > 0) process.exitCode = 1;
}
