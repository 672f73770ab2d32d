/** Which stages are done: an empty file each, made after the stage and gone before what it stands for changes. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../base/errors.ts';
import { makeFolder, replaceFile } from '../../store/durable.ts';
import type { Stage } from './recipe.ts';

export interface Stamps {
  /** The stages still to be done: a later stamp stands for all before it. */
  remaining(stages: readonly Stage[]): Promise<readonly Stage[]>;
  /** Says that the stage before is not whole any more. Call before such a stage runs. */
  begin(stages: readonly Stage[], stage: Stage): Promise<void>;
  done(stage: Stage): Promise<void>;
}

/** The stamps in a folder, which need not exist yet. */
export function openStamps(folder: string): Stamps {
  return {
    async remaining(stages) {
      const stamped = new Set(await namesIn(folder));
      return stages.slice(stages.findLastIndex((stage) => stamped.has(stage.name)) + 1);
    },
    async begin(stages, stage) {
      const previous = stages[stages.indexOf(stage) - 1];
      if (stage.spoilsPrevious && previous !== undefined)
        await rm(join(folder, previous.name), { force: true });
    },
    async done(stage) {
      await makeFolder(folder);
      await replaceFile(join(folder, stage.name), '');
    },
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
