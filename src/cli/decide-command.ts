/** What the commands of a person to an endpoint share: reach the watcher or act alone, and say what came of it. */
import type { Reason } from '../base/reason.ts';
import { errorFromRecord } from '../watch/error-from-record.ts';
import type { Command as WatchCommand } from '../watch/event.ts';
import { type Carried, carryOut } from '../watch/one-shot.ts';
import { renderFailure } from './failure.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { openSite, type SiteOptions } from './open.ts';
import { operator, watcherOptions } from './watch-options.ts';

/** Sends the command, waits for its outcome and prints it. Refused is exit code 4; decided but not published is 1. */
export async function decideCommand(
  io: Io,
  options: SiteOptions,
  endpoint: string | undefined,
  command: WatchCommand,
): Promise<ExitCode> {
  await using ctx = await openSite(io, options);
  const o = { ...watcherOptions(ctx, io, command.verb), signal: io.stop };
  const carried = await carryOut(o, endpoint, command, operator(io));
  if (options.json === true) {
    const text = ctx.render(carried.outcome.because);
    io.out(`${JSON.stringify({ ...carried.outcome, through: carried.through, text })}\n`);
  } else {
    say(io, carried, ctx.render);
  }
  return exitCodeOf(carried);
}

function exitCodeOf({ outcome }: Carried): ExitCode {
  if (outcome.outcome === 'refused') return exitCodes.refused;
  return outcome.trouble === undefined ? exitCodes.done : exitCodes.failed;
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
