/** Commands of step kinds: those that may answer no, and those that must succeed. */
import { openScope } from '../../../base/abort.ts';
import type { Secret } from '../../../base/secret.ts';
import type { CommandResult } from '../../../hosts/host.ts';
import type { Command } from '../../../hosts/shell.ts';
import type { StepContext } from '../../step.ts';
import { StepError } from './step-error.ts';

const QUESTION_TIMEOUT_MS = 30_000;
const ORDER_TIMEOUT_MS = 120_000;
const LAST_CHARACTERS = 4_000;

/** Asks something that changes nothing, as the user we log in as. Any exit code is an answer. */
export function question(ctx: StepContext, command: Command): Promise<CommandResult> {
  return ctx.host.run(command, { timeoutMs: QUESTION_TIMEOUT_MS, signal: ctx.signal });
}

export interface OrderOptions {
  /** What the command does, for the message: `start named.service`. */
  readonly what: string;
  readonly hint: string;
  readonly timeoutMs?: number;
  readonly stdin?: Secret | string;
}

/**
 * Runs a command as root that must succeed.
 * @throws StepError `step/command-failed` with the last line of its complaint, all of it as evidence
 */
export async function order(ctx: StepContext, command: Command, o: OrderOptions): Promise<CommandResult> {
  const result = await asRoot(ctx, command, o);
  if (result.code !== 0) throw commandFailed(o.what, result, o.hint);
  return result;
}

/** Runs a command as root; any exit code is an answer. */
export function asRoot(
  ctx: StepContext,
  command: Command,
  o: { timeoutMs?: number; stdin?: Secret | string } = {},
): Promise<CommandResult> {
  return ctx.host.run(command, {
    timeoutMs: o.timeoutMs ?? ORDER_TIMEOUT_MS,
    signal: ctx.signal,
    as: 'root',
    ...(o.stdin === undefined ? {} : { stdin: o.stdin }),
  });
}

/** The error for a command that ended with another code than 0. */
export function commandFailed(what: string, result: CommandResult, hint: string): StepError {
  return new StepError({
    code: 'step/command-failed',
    message: `could not ${what}`,
    expected: 'exit code 0',
    got: `exit code ${result.code}${said(result)}`,
    hint,
    evidence: outputOf(result),
  });
}

/** Both outputs, their ends only. */
export function outputOf({ stdout, stderr }: CommandResult): string {
  return [stdout, stderr]
    .map((text) => text.trim().slice(-LAST_CHARACTERS))
    .filter((text) => text !== '')
    .join('\n');
}

/** `: <last line>` of what a command complained about, or nothing. */
function said(result: CommandResult): string {
  const line = (result.stderr.trim() || result.stdout.trim()).split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `: ${line.slice(0, 300)}`;
}

/**
 * Runs what must be done even where the step was aborted (removing a temporary file): under a signal of its own, with
 * a short deadline, and without hiding the first failure behind its own.
 */
export async function tidyUp(
  ctx: StepContext,
  what: string,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  using scope = openScope(ctx.clock, { what, timeoutMs: 10_000 });
  try {
    await work(scope.signal);
  } catch (error) {
    ctx.log.warn('could not tidy up', {
      what,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}
