import { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { fakeIo } from '../../../test/fake-io.ts';
import type { Runner } from '../command.ts';
import { commands } from '../commands.ts';
import { runCli } from '../program.ts';
import { examples, notes } from './examples.ts';
import { textsZh } from './texts-zh.ts';

/** Does nothing: here only what a command takes is asked for. */
const noRun: Runner = () => async () => {};
const configured = new Map<string, Command>();

beforeAll(async () => {
  for (const { name, load } of commands) {
    const command = new Command(name).exitOverride().configureOutput({ writeOut() {}, writeErr() {} });
    (await load()).configure(command, noRun);
    configured.set(name, command);
  }
});

function textsOf(command: Command): string[] {
  return [
    ...command.options.map(({ description }) => description),
    ...command.registeredArguments.map(({ description }) => description),
    ...command.commands.flatMap((sub) => [sub.description(), ...textsOf(sub)]),
  ].filter((text) => text !== '');
}

async function run(
  language: 'en' | 'zh',
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo({ language });
  return { code: await runCli(args, io), ...io.written };
}

describe('the Chinese texts', () => {
  it('are there for every argument and option of every command', () => {
    const used = new Set([...configured.values()].flatMap(textsOf));
    used.add('display help for command');
    expect([...used].filter((text) => !(text in textsZh))).toEqual([]);
  });

  it('leave no heading and no option in English', async () => {
    const { code, out } = await run('zh', 'runs', '--help');
    expect(code).toBe(0);
    expect(out).toMatch(/^用法： holdfast runs/);
    expect(out).toContain('显示帮助');
    expect(out).toContain('依据日志显示一次运行，附证据');
    expect(out).not.toMatch(/Usage|Options|Commands|default/);
  });
});

describe('examples', () => {
  it('belong to commands that exist', () => {
    const names = new Set(commands.map(({ name }) => name));
    expect([...Object.keys(examples), ...Object.keys(notes)].filter((name) => !names.has(name))).toEqual([]);
  });

  const lines = Object.values(examples).flatMap((own) => own.map(({ line }) => line));
  it.each(lines)('holdfast %s is a command line that its command takes', async (line) => {
    const [words = ''] = line.split(/ [|>]| <|<(?=\S)/);
    const [name = '', ...args] = words.trim().split(' ');
    await expect(configured.get(name)?.parseAsync(args, { from: 'user' })).resolves.toBeDefined();
  });

  it('stand below the options, in the language of the terminal', async () => {
    expect((await run('en', 'drain', '--help')).out).toMatch(
      /Examples:\n +holdfast drain original +before its/,
    );
    expect((await run('zh', 'drain', '--help')).out).toMatch(/示例：\n +holdfast drain original +维护之前/);
    expect((await run('zh', 'seal', '--help')).out).toContain('内容来自标准输入');
  });
});

describe('a wrong command line', () => {
  it.each([
    [
      ['lint', '--jsn'],
      /^unknown option '--jsn'\n\(Did you mean --json\?\)/,
      /^没有选项 '--jsn'\n（是否指 --json？）/,
    ],
    [['switch'], /missing required argument '\[endpoint\] member'/, /^缺少参数 '\[endpoint\] member'/],
    [
      ['switch', 'a', 'b', 'c'],
      /expected \[endpoint\] <member>, got: a b c/,
      /^应为 \[endpoint\] <member>，实际为 a b c/,
    ],
    [
      ['force', 'a', '--for'],
      /option '--for <duration>' argument missing/,
      /^选项 '--for <duration>' 缺少取值/,
    ],
    [
      ['force', 'a', '--for', '2'],
      /'2' is invalid. Write a duration/,
      /^选项 '--for <duration>' 的取值 '2' 无效：请写时长/,
    ],
    [['status', 'a'], /too many arguments/, /^参数过多：应为 0 个，实际 1 个/],
    [['runs', 'show'], /missing required argument 'run'/, /^缺少参数 'run'/],
  ] as const)('%j is said in either language, with the way to the help', async (args, english, chinese) => {
    const en = await run('en', ...args);
    expect(en).toMatchObject({ code: 2, out: '', err: expect.stringMatching(english) });
    expect(en.err).toMatch(/→ 'holdfast [a-z ]+ --help' shows what it takes\.\n$/);
    const zh = await run('zh', ...args);
    expect(zh).toMatchObject({ code: 2, out: '', err: expect.stringMatching(chinese) });
    expect(zh.err).toMatch(/→ 'holdfast [a-z ]+ --help' 查看其参数。\n$/);
  });
});
