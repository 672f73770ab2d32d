/** What must be installed before a recipe can begin; all that is missing is named at once. */
import { sh } from '../../hosts/shell.ts';
import { BuildError } from './build-error.ts';
import type { Recipe } from './recipe.ts';
import type { Asker } from './run-stage.ts';

/**
 * Looks for the tools and for a go that is new enough: Debian's versioned one first, then the one in PATH.
 * @returns the folder of go; empty where the recipe needs none
 * @throws BuildError `lab-build/no-tools`, `lab-build/go-too-old`
 */
export async function findTools(recipe: Recipe, ask: Asker): Promise<string> {
  const missing: string[] = [];
  for (const [tool, debianPackage] of Object.entries(recipe.tools)) {
    const { code } = await ask(sh`command -v ${tool}`);
    if (code !== 0) missing.push(debianPackage);
  }
  const go = await findGo(recipe, ask);
  if (recipe.go !== undefined && go === undefined) missing.push(recipe.go.debianPackage);
  if (missing.length > 0) throw missingTools(recipe, [...new Set(missing)]);
  if (recipe.go !== undefined && go !== undefined && isOlder(go.version, recipe.go.oldest))
    throw tooOld(recipe.name, go, recipe.go);
  return go?.root ?? '';
}

interface Go {
  readonly root: string;
  readonly version: readonly [number, number];
  readonly says: string;
}

async function findGo({ go }: Recipe, ask: Asker): Promise<Go | undefined> {
  if (go === undefined) return undefined;
  const debian = `/usr/lib/${go.debianPackage.replace(/^golang-(.*)-go$/, 'go-$1')}/bin/go`;
  for (const program of [debian, 'go']) {
    const { code, stdout } = await ask(sh`${program} version && ${program} env GOROOT`);
    const found = /^(go version (?:go|devel go)(\d+)\.(\d+).*)\n(.*)\n/.exec(stdout);
    if (code === 0 && found !== null) {
      const [, says = '', major, minor, root = ''] = found;
      return { says, version: [Number(major), Number(minor)], root };
    }
  }
  return undefined;
}

function isOlder(version: readonly [number, number], oldest: readonly [number, number]): boolean {
  return version[0] < oldest[0] || (version[0] === oldest[0] && version[1] < oldest[1]);
}

function missingTools({ name }: Recipe, packages: readonly string[]): BuildError {
  return new BuildError({
    code: 'lab-build/no-tools',
    message: `${name} cannot be built: programs are missing`,
    expected: 'the packages installed that the build needs',
    got: `missing: ${packages.join(', ')}`,
    hint: `apt-get install --no-install-recommends ${packages.join(' ')}`,
  });
}

function tooOld(name: string, go: Go, wanted: NonNullable<Recipe['go']>): BuildError {
  return new BuildError({
    code: 'lab-build/go-too-old',
    message: `${name} cannot be built with the go that is installed`,
    expected: `go ${wanted.oldest.join('.')} or newer`,
    got: go.says,
    hint: `apt-get install --no-install-recommends ${wanted.debianPackage}`,
  });
}
