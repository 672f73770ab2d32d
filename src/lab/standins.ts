/**
 * Stand-ins: programs installed on lab hosts in place of vendor programs that cannot be had. Each is one executable
 * file of `standins/`, whose header says what it stands in for; what it starts is real. See standins/README.md.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { systemCode } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { HostSpec } from '../site/model.ts';
import type { DiskFile } from './host-files.ts';
import { LabError } from './lab-error.ts';

/** What the header of a stand-in says. */
export interface Standin {
  readonly name: string;
  /** The vendor's program, with its version. */
  readonly standsInFor: string;
  /** From which runbook its behaviour comes. */
  readonly runbook: string;
  /** Where it is installed on the host: absolute. */
  readonly installsAs: string;
  /** The real services that it starts. */
  readonly starts: string;
  readonly text: string;
}

/** The label of a host that asks for stand-ins: their names, or absolute paths of one's own, with commas between. */
export const STANDINS_LABEL = 'lab-standins';

export const STANDINS_FOLDER = join(import.meta.dirname, 'standins');

const KEYS = ['stands-in-for', 'runbook', 'installs-as', 'starts'] as const;

/** The stand-ins that a host asks for by its label, and those for all, each once. */
export function standinsOf(spec: HostSpec, forAll: readonly string[] = []): string[] {
  const asked = (spec.labels[STANDINS_LABEL] ?? '').split(/[\s,]+/).filter((name) => name !== '');
  return [...new Set([...asked, ...forAll])];
}

/**
 * Reads stand-ins.
 * @param names files of the folder, or absolute paths
 * @throws LabError `lab/bad-standin`, with the nearest name where there is none of this one
 */
export async function readStandins(names: readonly string[], folder = STANDINS_FOLDER): Promise<Standin[]> {
  return await Promise.all(names.map(async (name) => parseStandin(name, await readText(name, folder))));
}

/**
 * Reads the header: the comment lines at the top, `# key: value`.
 * @throws LabError `lab/bad-standin` with all keys that are missing
 */
export function parseStandin(name: string, text: string): Standin {
  const comment = /^(?:#.*\n)+/.exec(text)?.[0] ?? '';
  const found = new Map(
    [...comment.matchAll(/^#\s*([a-z-]+):\s*(\S.*)$/gm)].map(([, key, value]) => [
      key as string,
      (value as string).trim(),
    ]),
  );
  const missing = KEYS.filter((key) => !found.has(key));
  const installsAs = found.get('installs-as') ?? '';
  if (missing.length > 0 || !installsAs.startsWith('/') || !text.startsWith('#!'))
    throw badHeader(name, missing, text);
  return {
    name,
    standsInFor: found.get('stands-in-for') ?? '',
    runbook: found.get('runbook') ?? '',
    installsAs,
    starts: found.get('starts') ?? '',
    text,
  };
}

/** What a stand-in puts on a disk: itself, executable. */
export function standinFile({ installsAs, text }: Standin): DiskFile {
  return { path: installsAs.slice(1), content: text, mode: 0o755 };
}

async function readText(name: string, folder: string): Promise<string> {
  try {
    return await readFile(resolve(folder, name), 'utf8');
  } catch (cause) {
    if (!['ENOENT', 'EISDIR', 'ENOTDIR'].includes(systemCode(cause) ?? '')) throw cause;
    const known = (await readdir(folder).catch(() => [])).filter((file) => !file.includes('.'));
    const meant = nearest(name, known);
    throw new LabError({
      code: 'lab/bad-standin',
      message: `there is no stand-in '${name}'`,
      expected: known.length === 0 ? `a file of ${folder}` : `one of ${known.join(', ')}`,
      got: name,
      hint:
        meant === undefined
          ? `Correct the label '${STANDINS_LABEL}' of the host.`
          : `Did you mean '${meant}'?`,
      cause,
    });
  }
}

function badHeader(name: string, missing: readonly string[], text: string): LabError {
  return new LabError({
    code: 'lab/bad-standin',
    message: `the header of the stand-in '${name}' is not whole`,
    expected: `#!, then comment lines with ${KEYS.map((key) => `'# ${key}: …'`).join(', ')}; an absolute installs-as`,
    got: missing.length > 0 ? `no ${missing.join(', ')}` : (text.split('\n')[0] ?? ''),
    hint: 'Say there what it stands in for: src/lab/standins/README.md shows how.',
  });
}
