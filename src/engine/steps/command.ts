/**
 * A command for what no other kind knows. It must come with a check: `unless` (a command that exits with 0 where there
 * is nothing to do) or `creates` (a path); without one nobody could say whether it has to run, or whether it worked.
 *
 * With `undo` it can be reverted; both `run` and `undo` may be cut and called again, so they must bear that. Without,
 * the step is final. Commands are lists of words, run as root without a shell; secrets go in on standard input only.
 */
import { z } from 'zod';
import type { Evidence } from '../../base/evidence.ts';
import { defineReasons } from '../../base/reason.ts';
import type { Secret } from '../../base/secret.ts';
import type { CommandResult } from '../../hosts/host.ts';
import { type Command, sh } from '../../hosts/shell.ts';
import { secretRef } from '../../site/values.ts';
import type { StepContext, StepKind } from '../step.ts';
import { absolutePath, argv, timeLimitMs } from './parts/arguments.ts';
import { asRoot, commandFailed, outputOf } from './parts/run.ts';
import { notAsWanted } from './parts/step-error.ts';

export const commandArgs = z
  .strictObject({
    run: argv(),
    unless: argv().optional(),
    creates: absolutePath().optional(),
    undo: argv().optional(),
    /** Given to `run` on standard input. */
    stdin: secretRef().optional(),
    workDir: absolutePath().optional(),
    timeoutMs: timeLimitMs(300_000),
  })
  .superRefine(({ unless, creates }, ctx) => {
    if ((unless === undefined) !== (creates === undefined)) return;
    ctx.addIssue({
      code: 'custom',
      message: 'expected exactly one of unless and creates: how to tell that it was done',
    });
  });
export type CommandArgs = z.infer<typeof commandArgs>;

const commandUndo = z.object({});
type CommandUndo = z.infer<typeof commandUndo>;

const CHECK_TIMEOUT_MS = 60_000;

const reasons = defineReasons({
  'command/run': { en: 'run {command}', zh: '执行 {command}' },
  'command/unless-holds': { en: '`{check}` says there is nothing to do', zh: '`{check}` 表明无需执行' },
  'command/exists': { en: '{path} exists already', zh: '{path} 已存在' },
  'command/no-undo': {
    en: 'the command has no `undo`: what it does stays',
    zh: '该命令没有配置 `undo`，执行结果无法撤销',
  },
});

/** See the top of this file. */
export const command: StepKind<CommandArgs, CommandUndo> = {
  kind: 'command',
  args: commandArgs,
  reasons,
  retrySafe: false,
  interrupts: () => true,
  title: ({ run }) => reasons.of('command/run', { command: inOneLine(run) }),
  async check(ctx, args) {
    const { code } = await runCheck(ctx, args);
    if (code !== 0) {
      const text = `because this fails: ${checkLine(args)}`;
      return { state: 'todo', diff: { summary: `run ${inOneLine(args.run)}`, text } };
    }
    if (args.creates !== undefined) {
      return { state: 'done', because: reasons.of('command/exists', { path: args.creates }) };
    }
    return { state: 'done', because: reasons.of('command/unless-holds', { check: checkLine(args) }) };
  },
  async apply(ctx, args) {
    const stdin = args.stdin === undefined ? undefined : await ctx.secret(args.stdin);
    const result = await asRoot(ctx, commandLine(args.run, args.workDir), {
      timeoutMs: args.timeoutMs,
      ...(stdin === undefined ? {} : { stdin }),
    });
    if (result.code === 0) return;
    const hint = `Run it by hand on the host to see why; \`${checkLine(args)}\` tells whether it worked.`;
    throw commandFailed(`run ${inOneLine(args.run)}`, without(stdin, result), hint);
  },
  verify,
  finalFor: ({ undo }) => (undo === undefined ? reasons.of('command/no-undo') : undefined),
  undo: {
    schema: commandUndo,
    capture: async () => ({}),
    async revert(ctx, _undo, args) {
      if (args.undo === undefined) return;
      const { timeoutMs } = args;
      const result = await asRoot(ctx, commandLine(args.undo, args.workDir), { timeoutMs });
      if (result.code === 0) return;
      const hint =
        'Run the undo by hand on the host; it must also succeed where there is nothing left to undo.';
      throw commandFailed(`undo ${inOneLine(args.run)}`, result, hint);
    },
    /** It had begun because its check failed; taken back, the check fails again. */
    isBack: async (ctx, _undo, args) => (await runCheck(ctx, args)).code !== 0,
  },
};

async function verify(ctx: StepContext, args: CommandArgs): Promise<Evidence> {
  const result = await runCheck(ctx, args);
  const asked = checkLine(args);
  const got = `exit code ${result.code}`;
  if (result.code !== 0) {
    const hint = `\`${inOneLine(args.run)}\` ended well, yet its check does not pass: one of the two is wrong. ${outputOf(result)}`;
    throw notAsWanted(
      `what ${inOneLine(args.run)} should bring about`,
      `exit code 0 of ${asked}`,
      got,
      hint.trim(),
    );
  }
  return { asked, got, expected: 'exit code 0', at: ctx.clock.now(), tookMs: result.tookMs };
}

function runCheck(ctx: StepContext, args: CommandArgs): Promise<CommandResult> {
  const line =
    args.unless === undefined ? sh`test -e ${args.creates ?? ''}` : commandLine(args.unless, args.workDir);
  return asRoot(ctx, line, { timeoutMs: CHECK_TIMEOUT_MS });
}

function checkLine(args: CommandArgs): string {
  return args.unless === undefined ? `test -e ${args.creates}` : inOneLine(args.unless);
}

function commandLine(words: readonly string[], workDir: string | undefined): Command {
  return workDir === undefined ? sh`${words}` : sh`cd ${workDir} && ${words}`;
}

/** As a person would type it. */
function inOneLine(words: readonly string[]): string {
  return sh`${words}`.text;
}

/** The outputs without the secret: a program may well print what it was given. */
function without(secret: Secret | undefined, result: CommandResult): CommandResult {
  const value = secret?.reveal().trim() ?? '';
  if (value === '') return result;
  const clean = (text: string): string => text.replaceAll(value, String(secret));
  return { ...result, stdout: clean(result.stdout), stderr: clean(result.stderr) };
}
