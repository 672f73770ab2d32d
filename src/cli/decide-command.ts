/** What the commands of a person to an endpoint share: reach the watcher or act alone, and say what came of it. */
import type { Reason } from '../base/reason.ts';
import { errorFromRecord } from '../watch/error-from-record.ts';
import type { Command as WatchCommand } from '../watch/event.ts';
import { type Carried, carryOut } from '../watch/one-shot.ts';
import type { VerifyLine } from '../watch/verify.ts';
import { renderFailure } from './failure.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { openSite, type SiteOptions } from './open.ts';
import { verifiedJson } from './render/verified.ts';
import { verifyMoved } from './verify-moved.ts';
import { operator, watcherOptions } from './watch-options.ts';

export interface DecideOptions extends SiteOptions {
  /** False: what clients get after a planned change is not verified. */
  readonly verify?: boolean;
}

/** A person's planned changes; a force answers with a member whatever its health. */
const PLANNED: ReadonlySet<WatchCommand['verb']> = new Set(['switch', 'failback', 'drain']);

/**
 * Sends the command, waits for its outcome and prints it; verifies what clients get where somebody else answers now.
 * Refused is exit code 4; decided but not published, or not verified, is 1.
 */
export async function decideCommand(
  io: Io,
  options: DecideOptions,
  endpoint: string | undefined,
  command: WatchCommand,
): Promise<ExitCode> {
  await using ctx = await openSite(io, options);
  const o = { ...watcherOptions(ctx, io, command.verb), signal: io.stop };
  const carried = await carryOut(o, endpoint, command, operator(io));
  const { outcome, through } = carried;
  if (options.json !== true) say(io, carried, ctx.render);
  const isVerified = options.verify !== false && PLANNED.has(command.verb) && hasMoved(carried);
  let lines: readonly VerifyLine[] | undefined;
  try {
    const { verb } = command;
    if (isVerified) lines = await verifyMoved(io, ctx, options, { name: endpoint, verb, outcome });
  } finally {
    // Whatever becomes of the verification, a script has to know that it has moved.
    if (options.json === true) {
      const more = lines === undefined ? {} : { verified: verifiedJson(lines, ctx.render) };
      io.out(`${JSON.stringify({ ...outcome, through, text: ctx.render(outcome.because), ...more })}\n`);
    }
  }
  return exitCodeOf(carried, lines ?? []);
}

/** Whether clients get somebody now whom they did not get before. */
function hasMoved({ outcome: { outcome, members, before, trouble } }: Carried): boolean {
  return outcome === 'done' && trouble === undefined && members.some((name) => !before.includes(name));
}

function exitCodeOf({ outcome }: Carried, lines: readonly VerifyLine[]): ExitCode {
  if (outcome.outcome === 'refused') return exitCodes.refused;
  return outcome.trouble === undefined && lines.every(({ ok }) => ok) ? exitCodes.done : exitCodes.failed;
}

function say(io: Io, { outcome, through }: Carried, render: (reason: Reason) => string): void {
  const words = io.language === 'zh' ? zh : en;
  const sentence = render(outcome.because);
  if (outcome.outcome === 'refused') {
    io.err(`${words.refused}${sentence}\n`);
    return;
  }
  io.out(`${words[outcome.outcome]}${sentence}\n`);
  if (outcome.published !== undefined) io.out(`  ${words.published} ${outcome.members.join(', ')}\n`);
  if (through === 'one-shot') io.err(`${words.oneShot}\n`);
  if (outcome.trouble === undefined) return;
  io.err(`${through === 'watcher' ? words.unpublishedYet : words.unpublished}\n`);
  io.err(renderFailure(io, errorFromRecord(outcome.trouble), false));
}

const en = {
  done: 'done: ',
  unchanged: 'unchanged: ',
  refused: 'refused: ',
  published: 'clients get',
  oneShot: 'No watcher runs: this command decided by itself. `holdfast watch` goes on from here.',
  unpublished: 'Decided and stored, but not published: `holdfast watch` will publish it.',
  unpublishedYet: 'Decided and stored, but not published yet: the watcher keeps trying.',
};
const zh: typeof en = {
  done: '完成：',
  unchanged: '无变化：',
  refused: '已拒绝：',
  published: '客户端得到',
  oneShot: '监视进程未运行：由本命令自行做出决定。`holdfast watch` 将由此继续。',
  unpublished: '已决定并保存，但未能发布：`holdfast watch` 启动后将发布。',
  unpublishedYet: '已决定并保存，但尚未发布：监视进程会继续尝试。',
};
