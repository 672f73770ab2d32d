import type { StepContext } from '../../../engine/step.ts';
import { order } from '../../../engine/steps/parts/run.ts';
import { sh } from '../../../hosts/shell.ts';

/** Free bytes for root's files below a folder that may not exist yet (df(1), POSIX format). */
export async function freeBytes(ctx: StepContext, folder: string): Promise<number> {
  const command = sh`at=${folder}; while [ ! -d "$at" ]; do at=$(dirname "$at"); done; df -Pk "$at"`;
  const { stdout } = await order(ctx, command, {
    what: `ask how much space is free at ${folder}`,
    hint: 'Look at `df -h` on the host.',
  });
  const fields = stdout.trim().split('\n').at(-1)?.trim().split(/\s+/) ?? [];
  return Number(fields.at(-3) ?? 0) * 1024;
}
