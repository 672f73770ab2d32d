/** After a planned move: says, check by check, what clients get now, and what to do where that is not well. */
import type { Context } from '../app/context.ts';
import type { Sentence } from '../base/reason.ts';
import type { EndpointName } from '../site/model.ts';
import type { CommandOutcome } from '../watch/endpoint-watch.ts';
import type { Command } from '../watch/event.ts';
import { pickEndpoint } from '../watch/pick-endpoint.ts';
import { fileStateStore } from '../watch/state.ts';
import { type VerifyLine, verifyMove } from '../watch/verify.ts';
import type { Io } from './io.ts';
import { nextCommand } from './next-command.ts';
import type { SiteOptions } from './open.ts';
import { renderVerified, verifiedSummary } from './render/verified.ts';
import { say } from './say.ts';
import { watcherOptions } from './watch-options.ts';

const WORDS = {
  begin: { en: 'verifying what clients get now:', zh: '正在验证客户端现在得到的内容：' },
  well: { en: 'verified: {summary}', zh: '验证结果：{summary}' },
  wrong: {
    en: '{members} answers clients now, but not as it should: {summary}',
    zh: '现由 {members} 应答客户端，但验证未通过：{summary}',
  },
  mend: {
    en: '  → Mend what the lines with ✗ say, and look again: {again}',
    zh: '  → 按标有 ✗ 的行修复，然后再次检查：{again}',
  },
  back: { en: '    or go back: {back}', zh: '    或切回：{back}' },
} satisfies Record<string, Sentence>;

/** What moved clients. */
export interface Moved {
  /** The endpoint as it was named, where it was. */
  readonly name: string | undefined;
  readonly verb: Command['verb'];
  readonly outcome: CommandOutcome;
}

/**
 * Prints each line as it comes; nothing with `--json`. Touches nothing.
 * @returns all lines: not well where one of them is not
 * @throws the reason of the terminal's signal
 */
export async function verifyMoved(
  io: Io,
  ctx: Context,
  options: SiteOptions,
  moved: Moved,
): Promise<readonly VerifyLine[]> {
  const isSilent = options.json === true;
  const endpoint = pickEndpoint([...ctx.site.endpoints.values()], moved.name);
  if (!isSilent) io.err(`${say(io, WORDS.begin)}\n`);
  const lines = await verifyMove(
    {
      ...watcherOptions(ctx, io, 'verify'),
      store: fileStateStore(ctx.stateDir),
      signal: io.stop,
      onLine: (line) => !isSilent && io.out(renderVerified(io, [line], ctx.render)),
    },
    endpoint,
    moved.outcome.members,
  );
  if (isSilent) return lines;
  const summary = verifiedSummary(io, lines);
  if (lines.every(({ ok }) => ok)) io.out(`${say(io, WORDS.well, { summary })}\n`);
  else io.err(whatToDo(io, options, endpoint.name, moved, summary));
  return lines;
}

function whatToDo(
  io: Io,
  options: SiteOptions,
  endpoint: EndpointName,
  { verb, outcome: { members, before } }: Moved,
  summary: string,
): string {
  const line = (...words: string[]): string => nextCommand(words, options);
  const lines = [
    say(io, WORDS.wrong, { members: members.join(', '), summary }),
    say(io, WORDS.mend, { again: line('verify', endpoint) }),
  ];
  const [from] = before.filter((each) => !members.includes(each));
  if (from !== undefined) {
    // Who was drained may not answer before that is taken back.
    const undo = verb === 'drain' ? `${line('drain', '--undo', endpoint, from)} && ` : '';
    lines.push(say(io, WORDS.back, { back: `${undo}${line('switch', endpoint, from)}` }));
  }
  return `${lines.join('\n')}\n`;
}
