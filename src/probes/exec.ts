/** A program on the machine that probes says whether the member is well: the way out where no other kind fits. */
import { z } from 'zod';
import { defineReasons, joinReasons } from '../base/reason.ts';
import { say } from '../site/described.ts';
import { patternSchema } from './args/pattern.ts';
import type { ProbeContext, ProbeKind, ProbeResult, ProbeTarget } from './probe.ts';
import { beginAsking, printable } from './verdict/evidence.ts';
import { runReasons } from './verdict/run-reasons.ts';
import { type ProgramEnd, runProgram } from './wire/run-program.ts';

const word = z.string().regex(/^[^\0]*$/, 'an argument cannot hold a NUL byte');
const args = z.strictObject({
  argv: say(
    z.array(word).min(1),
    'The program and its arguments, without a shell; {address} and {member} are replaced in each.',
    '程序及其参数，不经过 shell；其中的 {address} 和 {member} 会被替换。',
  ),
  cwd: say(z.string().startsWith('/').default('/'), 'Folder to run in.', '运行目录。'),
  code: say(z.int().min(0).max(255).default(0), 'Exit code that means up.', '表示正常的退出码。'),
  contains: say(z.string().min(1).optional(), 'Text that the output must contain.', '输出必须包含的文本。'),
  matches: say(
    patternSchema.optional(),
    'Regular expression that must match somewhere in the output.',
    '输出中必须有内容与之匹配的正则表达式。',
  ),
});
export type ExecArgs = z.infer<typeof args>;

const reasons = defineReasons({
  'exec/succeeded': { en: '{program} says that {member} is well', zh: '{program} 表明 {member} 正常' },
  'exec/other-code': {
    en: '{program} ended with exit code {code} where {expected} was expected',
    zh: '{program} 的退出码为 {code}，而预期为 {expected}',
  },
  'exec/other-output': {
    en: "{program} ended well, but its output lacks '{wanted}'",
    zh: '{program} 正常结束，但输出中没有“{wanted}”',
  },
  'exec/killed': {
    en: '{program} was ended by {by} before it gave an answer',
    zh: '{program} 在给出结果之前被 {by} 终止',
  },
  'exec/cannot-run': {
    en: '{program} could not be started on the machine that probes: {detail}',
    zh: '执行探测的机器无法启动 {program}：{detail}',
  },
});

export const exec: ProbeKind<ExecArgs> = {
  kind: 'exec',
  summary: {
    en: 'a program on the controller ends with the wanted exit code and output',
    zh: '在控制机上运行一个程序，检查其退出码和输出',
  },
  args,
  reasons: joinReasons(runReasons, reasons),
  title: ({ argv }, target) => `run ${fillIn(argv, target).map(shown).join(' ')}`,
  run: runExec,
};

async function runExec(ctx: ProbeContext, given: ExecArgs): Promise<ProbeResult> {
  const argv = fillIn(given.argv, ctx.target);
  const program = argv[0] as string;
  const asking = beginAsking(ctx.clock, exec.title(given, ctx.target), describe(given));
  const { member, address } = ctx.target;
  const end = await runProgram(argv, {
    cwd: given.cwd,
    env: { HOLDFAST_MEMBER: member, HOLDFAST_ADDRESS: address },
    signal: ctx.signal,
  });
  const got = `${describeEnd(end)}${end.output === '' ? '' : `: ${printable(end.output, 200)}`}`;
  if (end.error !== undefined) {
    return asking.unknown(end.error, reasons.of('exec/cannot-run', { program, detail: end.error }));
  }
  if (end.signal !== undefined)
    return asking.down(got, reasons.of('exec/killed', { program, by: end.signal }));
  if (end.code !== given.code) {
    const params = { program, code: end.code, expected: given.code };
    return asking.down(got, reasons.of('exec/other-code', params));
  }
  const missing = missingFrom(end.output, given);
  if (missing !== undefined) {
    return asking.down(got, reasons.of('exec/other-output', { program, wanted: missing }));
  }
  return asking.up(got, reasons.of('exec/succeeded', { program, member }));
}

function missingFrom(output: string, { contains, matches }: ExecArgs): string | undefined {
  if (contains !== undefined && !output.includes(contains)) return contains;
  if (matches !== undefined && !new RegExp(matches, 'u').test(output)) return `/${matches}/`;
  return undefined;
}

function fillIn(argv: readonly string[], { member, address }: ProbeTarget): string[] {
  return argv.map((word) => word.replaceAll('{address}', address).replaceAll('{member}', member));
}

function shown(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : JSON.stringify(word);
}

function describe({ code, contains, matches }: ExecArgs): string {
  const output = [contains === undefined ? '' : `'${contains}'`, matches === undefined ? '' : `/${matches}/`];
  const wanted = output.filter((part) => part !== '').join(' and ');
  return `exit code ${code}${wanted === '' ? '' : ` with ${wanted} in the output`}`;
}

function describeEnd({ code, signal }: ProgramEnd): string {
  return signal === undefined ? `exit code ${code}` : `ended by ${signal}`;
}
