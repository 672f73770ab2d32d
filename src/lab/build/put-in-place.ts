/** The end of a build: each program is asked for its version, and the set appears in the cache by one rename. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sh } from '../../hosts/shell.ts';
import { replaceFile, syncFolder } from '../../store/durable.ts';
import { MANIFEST_NAME, type Manifest } from './binaries.ts';
import { BuildError } from './build-error.ts';
import type { Program, Recipe } from './recipe.ts';
import type { Asker } from './run-stage.ts';

/**
 * Moves `<workshop>/bin` to its place. An older set is there until the new one is ready; a kill between the two
 * renames leaves the stamps, and the next call comes here again at once.
 * @throws BuildError `lab-build/wrong-version`
 */
export async function putInPlace(
  recipe: Recipe,
  o: { workshop: string; target: string; ask: Asker },
): Promise<void> {
  const ready = join(o.workshop, 'ready');
  await rm(ready, { recursive: true, force: true });
  await mkdir(join(ready, 'bin'), { recursive: true });
  const programs: Manifest['programs'] = [];
  for (const program of recipe.programs) programs.push(await take(program, ready, recipe, o));
  const manifest: Manifest = { name: recipe.name, version: recipe.version, programs };
  await replaceFile(join(ready, MANIFEST_NAME), `${JSON.stringify(manifest, null, 2)}\n`);
  await chmod(join(ready, MANIFEST_NAME), 0o644);
  await o.ask(sh`sync -f ${ready}`);
  const old = join(o.workshop, 'old');
  await rm(old, { recursive: true, force: true });
  await rename(o.target, old).catch(ignoreMissing);
  await rename(ready, o.target);
  await syncFolder(join(o.target, '..'));
}

async function take(
  program: Program,
  ready: string,
  recipe: Recipe,
  o: { workshop: string; ask: Asker },
): Promise<Manifest['programs'][number]> {
  const file = join(ready, 'bin', program.name);
  await copyFile(join(o.workshop, 'bin', program.name), file);
  await chmod(file, 0o755);
  const { code, stdout, stderr } = await o.ask(sh`${file} ${program.askVersion}`);
  const says = stdout.trim();
  if (code !== 0 || !saysVersion(says, recipe.version))
    throw wrongVersion(program, recipe, `${says}\n${stderr}`.trim(), code);
  return { name: program.name, sizeBytes: (await stat(file)).size, sha256: await digestOf(file), says };
}

/** `1.20.2` stands in `Kubernetes v1.20.2`, and not in `v1.20.21`. */
function saysVersion(says: string, version: string): boolean {
  return new RegExp(`(^|[^\\d.])${version.replaceAll('.', '\\.')}($|[^\\d.])`, 'm').test(says);
}

function wrongVersion({ name }: Program, recipe: Recipe, says: string, code: number): BuildError {
  return new BuildError({
    code: 'lab-build/wrong-version',
    message: `${name} does not say that it is ${recipe.version}`,
    expected: `${recipe.version}, and exit code 0`,
    got: `exit code ${code}: ${says.slice(0, 300)}`,
    hint: `Build it anew: holdfast lab build ${recipe.name} --force`,
  });
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
