/** `holdfast <command> --help` and what a wrong command line gets, in the user's language. */
import type { Command, Option } from 'commander';
import type { Language, Sentence } from '../../base/reason.ts';
import type { Io } from '../io.ts';
import { widthOf } from '../render/width.ts';
import { examples, notes } from './examples.ts';
import { textsZh } from './texts-zh.ts';

/** Commander's headings. */
const HEADINGS_ZH: Readonly<Record<string, string>> = {
  'Usage:': '用法：',
  'Arguments:': '参数：',
  'Options:': '选项：',
  'Commands:': '子命令：',
};

/** Commander's messages about a command line; `$1` is what it names. */
const MESSAGES_ZH: readonly (readonly [RegExp, string])[] = [
  [/^error: unknown option '(.+?)'/, "没有选项 '$1'"],
  [/^error: unknown command '(.+?)'/, "没有子命令 '$1'"],
  [/^error: missing required argument '(.+?)'/, "缺少参数 '$1'"],
  [/^error: option '(.+?)' argument missing/, "选项 '$1' 缺少取值"],
  [/^error: option '(.+?)' argument '(.*?)' is invalid\. ?/, "选项 '$1' 的取值 '$2' 无效："],
  [
    /^error: command-argument value '(.*?)' is invalid for argument '(.+?)'\. ?/,
    "参数 '$2' 的取值 '$1' 无效：",
  ],
  [
    /^error: too many arguments.*? Expected (\d+) arguments? but got (\d+)\./,
    '参数过多：应为 $1 个，实际 $2 个',
  ],
  [/^error: expected (.+), got: (.+)/, '应为 $1，实际为 $2'],
  [/Write a duration, as 30m or 2h\./, '请写时长，如 30m 或 2h。'],
  [/expected a whole number from 1\./, '应为不小于 1 的整数。'],
  [/\(Did you mean (?:one of )?(.+?)\?\)/, '（是否指 $1？）'],
];

/** Makes a command, with all that is below it, speak the language of the terminal. */
export function speakTo(io: Io, command: Command, name: string): void {
  for (const each of [command, ...command.commands]) setUp(io, each);
  const below = belowOptions(name, io.language);
  if (below !== '') command.addHelpText('after', below);
}

function setUp(io: Io, command: Command): void {
  const { language } = io;
  const translate = (text: string): string => (language === 'zh' ? (textsZh[text] ?? text) : text);
  command
    .description(translate(command.description()))
    .helpOption('-h, --help', translate('display help for command'))
    .configureHelp({
      displayWidth: widthOf,
      styleTitle: (title) => (language === 'zh' ? (HEADINGS_ZH[title] ?? title) : title),
      optionDescription: (option) => describe(option, translate, language),
      argumentDescription: (argument) => translate(argument.description),
    })
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      outputError: (text, write) => write(language === 'zh' ? inChinese(text) : text.replace(/^error: /, '')),
      getOutHelpWidth: () => Math.min(io.columns, WIDEST),
    })
    .showHelpAfterError(HINT[language].replace('{command}', fullName(command)));
}

/** Longer lines are hard to read. */
const WIDEST = 100;

const HINT = {
  en: "→ '{command} --help' shows what it takes.",
  zh: "→ '{command} --help' 查看其参数。",
};

function fullName(command: Command): string {
  const { parent } = command;
  return parent === null ? command.name() : `${fullName(parent)} ${command.name()}`;
}

function describe(option: Option, translate: (text: string) => string, language: Language): string {
  const text = translate(option.description);
  if (option.defaultValue === undefined) return text;
  const value = option.defaultValueDescription ?? String(option.defaultValue);
  return language === 'zh' ? `${text}（默认：${value}）` : `${text} (default: ${value})`;
}

function inChinese(text: string): string {
  return MESSAGES_ZH.reduce((said, [pattern, chinese]) => said.replace(pattern, chinese), text);
}

function belowOptions(name: string, language: Language): string {
  const note = notes[name]?.[language];
  const own = examples[name] ?? [];
  const width = Math.max(0, ...own.map(({ line }) => line.length)) + 2;
  const lines = own.map(({ line, what }) => `  holdfast ${line.padEnd(width)}${what[language]}`);
  const blocks = [
    ...(note === undefined ? [] : [note]),
    ...(lines.length === 0 ? [] : [[EXAMPLES[language], ...lines].join('\n')]),
  ];
  return blocks.map((block) => `\n${block}`).join('\n');
}

const EXAMPLES: Sentence = { en: 'Examples:', zh: '示例：' };
