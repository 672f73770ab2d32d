/** apt with sources and lists of our own: the machine's /etc/apt and /var/lib/apt stay as they are. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../base/errors.ts';
import { type Command, sh } from '../../hosts/shell.ts';
import { type SourcesFile, toSourceEntries } from './apt-sources.ts';
import { BuildError } from './build-error.ts';
import type { Asker } from './run-stage.ts';

const APT_FOLDER = '/etc/apt';

/**
 * Writes deb-src entries for the Debian repositories that this machine uses.
 * @param folder where they go; what is in it is replaced
 * @throws BuildError `lab-build/no-sources`
 */
export async function writeAptSources(folder: string, ask: Asker): Promise<void> {
  const files = toSourceEntries(await readSources(), await debianRepositories(ask));
  if (files.length === 0) {
    throw new BuildError({
      code: 'lab-build/no-sources',
      message: 'no Debian repository is known to fetch the source package from',
      expected: `an entry for Debian in ${APT_FOLDER}/sources.list or ${APT_FOLDER}/sources.list.d, and its lists fetched`,
      got: 'none',
      hint: 'Add your Debian 12 mirror there, run `apt-get update`, then run this again.',
    });
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const { name, text } of files) await writeFile(join(folder, name), text);
}

/**
 * Options that make apt use those sources, with lists and caches below the workshop. The folder is for root only, so
 * apt fetches as root instead of as `_apt`; signatures are checked all the same.
 */
export function aptOptions(o: { folder: string; aptSources: string }): Command {
  return sh`-o ${'Dir::Etc::sourcelist=/dev/null'} -o ${`Dir::Etc::sourceparts=${o.aptSources}`} -o ${`Dir::State::lists=${join(o.folder, 'apt/lists')}`} -o ${`Dir::Cache=${join(o.folder, 'apt/cache')}`} -o ${'APT::Sandbox::User=root'}`;
}

async function readSources(): Promise<readonly SourcesFile[]> {
  const parts = join(APT_FOLDER, 'sources.list.d');
  const names = (await orEmpty(readdir(parts), [])).filter((name) => /\.(list|sources)$/.test(name));
  const paths = [join(APT_FOLDER, 'sources.list'), ...names.sort().map((name) => join(parts, name))];
  const files = paths.map(async (path) => ({
    name: path === paths[0] ? 'sources.list' : path.slice(parts.length + 1),
    text: await orEmpty(readFile(path, 'utf8'), ''),
  }));
  return Promise.all(files);
}

/** apt itself knows which of its repositories are Debian's: their Release files say so, mirrors' ones too. */
async function debianRepositories(ask: Asker): Promise<ReadonlySet<string>> {
  const { stdout } = await ask(
    sh`apt-get indextargets --format ${'$(ORIGIN) $(REPO_URI)'} ${'Created-By: Packages'}`,
  );
  const debian = stdout.split('\n').filter((line) => line.startsWith('Debian '));
  return new Set(debian.map((line) => line.slice('Debian '.length)));
}

async function orEmpty<T>(reading: Promise<T>, empty: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return empty;
    throw error;
  }
}
