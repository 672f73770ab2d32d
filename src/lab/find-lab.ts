/** Labs of this machine: all of them, or the one that is meant. */
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { nearest } from '../base/nearest.ts';
import { type LabFolders, labFolders } from './folders.ts';
import type { Lab } from './lab.ts';
import { LabError } from './lab-error.ts';
import { isAlive, type LabRecord, readRecord } from './record.ts';
import { runningLab } from './running-lab.ts';

export interface FoundLab {
  readonly folders: LabFolders;
  readonly record: LabRecord;
  /** `dead`: only its folder is left; `coming`: it is being brought up. */
  readonly state: 'up' | 'coming' | 'dead';
}

/**
 * The lab that is meant, to work with.
 * @throws as `findLab`
 */
export async function attachLab(
  labs: string,
  o: { name?: string; file?: string; clock: Clock },
): Promise<Lab> {
  const { folders, record } = await findLab(labs, o.name, o.file);
  return runningLab(folders, record, o.clock);
}

/** Names of all labs in the folder, also of those of which no more than a folder is left. */
export async function labNames(labs: string): Promise<string[]> {
  const names = await readdir(labs).catch(() => []);
  return names.filter((name) => !name.startsWith('.')).sort();
}

/** All labs in the folder, by name, dead ones included. */
export async function listLabs(labs: string): Promise<FoundLab[]> {
  const names = await labNames(labs);
  const found = await Promise.all(names.map(async (name) => await readLab(labFolders(labs, name))));
  return found.filter((lab) => lab !== undefined);
}

/**
 * The lab that is meant: the one of that name; without one the only one that is up, or the one of that site file.
 * @throws LabError `lab/no-such-lab`, `lab/which-lab`
 */
export async function findLab(labs: string, name?: string, file?: string): Promise<FoundLab> {
  const up = (await listLabs(labs)).filter(({ state }) => state === 'up');
  const named = name === undefined ? up : up.filter((lab) => lab.record.name === name);
  if (named.length === 1) return named[0] as FoundLab;
  const names = up.map(({ record }) => record.name);
  if (named.length === 0) throw noLab(name, names);
  const ofFile = named.filter(({ record }) => file !== undefined && record.file === resolve(file));
  if (ofFile.length === 1) return ofFile[0] as FoundLab;
  throw new LabError({
    code: 'lab/which-lab',
    message: 'several labs are up',
    expected: `--lab with one of ${names.join(', ')}`,
    got: 'no name',
    hint: `Say which: --lab ${names[0]}`,
  });
}

async function readLab(folders: LabFolders): Promise<FoundLab | undefined> {
  const record = await readRecord(folders.record);
  if (record === undefined) return undefined;
  const state = !isAlive(record) ? 'dead' : record.ready ? 'up' : 'coming';
  return { folders, record, state };
}

function noLab(name: string | undefined, up: readonly string[]): LabError {
  const meant = name === undefined ? undefined : nearest(name, up);
  return new LabError({
    code: 'lab/no-such-lab',
    message: name === undefined ? 'no lab is up' : `no lab named '${name}' is up`,
    expected: up.length === 0 ? 'a lab that is up' : `one of ${up.join(', ')}`,
    got: name ?? 'none',
    hint:
      meant !== undefined
        ? `Did you mean '--lab ${meant}'?`
        : up.length > 0 && name !== undefined
          ? `If '${name}' is no name of a lab, put --lab last, or write --lab=NAME.`
          : "Bring one up: 'holdfast lab up -f SITE'.",
  });
}
