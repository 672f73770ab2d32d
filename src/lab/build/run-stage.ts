/** Runs one stage of a recipe: its output goes to the log, and the last of it into the error. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandResult, Connection } from '../../hosts/host.ts';
import { type Command, sh } from '../../hosts/shell.ts';
import { BuildError } from './build-error.ts';
import type { Stage, Workshop } from './recipe.ts';

/** Runs a short command that only tells something; resolves whatever the exit code. */
export type Asker = (command: Command) => Promise<CommandResult>;

/** A compiler on a busy machine takes its time; this only ends what hangs. */
const STAGE_LIMIT_MS = 4 * 3_600_000;
const ASK_LIMIT_MS = 60_000;
const TOLD_LINES = 15;

/** Makes an Asker of a connection. */
export function askerOf(machine: Connection, signal: AbortSignal): Asker {
  return (command) => machine.run(command, { timeoutMs: ASK_LIMIT_MS, signal });
}

/** Where all stages write what they say. */
export function logOf(workshop: Workshop): string {
  return join(workshop.folder, 'build.log');
}

/**
 * Runs it to its end. A compiler that outlived a killed Holdfast still holds the flock(1): it is waited for, so that
 * never two of them write the same files.
 * @throws BuildError of the stage, with the last lines of the log; `lab-build/no-space` where the disk is full
 */
export async function runStage(
  stage: Stage,
  o: { workshop: Workshop; machine: Connection; signal: AbortSignal },
): Promise<void> {
  const { folder } = o.workshop;
  await mkdir(folder, { recursive: true });
  const log = logOf(o.workshop);
  const { text } = stage.script(o.workshop);
  const command = sh`umask 022; cd ${folder} && exec >>${log} 2>&1 </dev/null && echo ${`== ${stage.name}`} && exec flock ${join(folder, 'stage.lock')} sh -euc ${text}`;
  const { code } = await o.machine.run(command, { timeoutMs: STAGE_LIMIT_MS, signal: o.signal });
  if (code !== 0) throw await failureOf(stage, code, log);
}

async function failureOf(stage: Stage, code: number, log: string): Promise<BuildError> {
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
  const last = lines.slice(lines.lastIndexOf(`== ${stage.name}`) + 1).slice(-TOLD_LINES);
  const isFull = last.some((line) => /No space left on device|Disk quota exceeded/.test(line));
  const { code: errorCode, hint } = isFull
    ? ({ code: 'lab-build/no-space', hint: 'Free space on that disk, then run this again.' } as const)
    : stage.failure;
  return new BuildError({
    code: errorCode,
    message: `the stage '${stage.name}' failed`,
    expected: 'exit code 0',
    got: `exit code ${code}; the last lines of ${log}:\n${last.map((line) => `  | ${line}`).join('\n')}`,
    hint: `${hint} What is done stays: the next call goes on with '${stage.name}'.`,
  });
}
