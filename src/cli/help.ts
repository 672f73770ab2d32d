import type { Sentence } from '../base/reason.ts';
import type { CliCommand } from './command.ts';
import type { Io } from './io.ts';
import { paint } from './paint.ts';

const GROUPS: Readonly<Record<CliCommand['group'], Sentence>> = {
  site: { en: 'The site file', zh: '站点文件' },
  change: { en: 'Change hosts, with a journal', zh: '变更主机（有日志，可回退）' },
  watch: { en: 'Watch and switch', zh: '监视与切换' },
  tools: { en: 'Tools', zh: '工具' },
};

const TEXT = {
  what: {
    en: 'Keeps the way into an on-premises Kubernetes platform standing.',
    zh: '让本地部署的 Kubernetes 平台的入口始终可用。',
  },
  usage: { en: 'Usage: holdfast <command> [options]', zh: '用法：holdfast <命令> [选项]' },
  more: {
    en: "'holdfast <command> --help' shows what a command takes. LANG or HOLDFAST_LANG=zh switches to Chinese.",
    zh: '“holdfast <命令> --help”查看命令的参数。设置 HOLDFAST_LANG=en 切换为英文。',
  },
  begin: {
    en: "Begin with 'holdfast init', then 'holdfast lint', 'holdfast plan' and 'holdfast watch'.",
    zh: '从“holdfast init”开始，然后是“holdfast lint”、“holdfast plan”和“holdfast watch”。',
  },
} satisfies Record<string, Sentence>;

/** `holdfast --help`: every command in its group, one line each. */
export function rootHelp(commands: readonly CliCommand[], io: Io): string {
  const width = Math.max(8, ...commands.map((command) => command.name.length)) + 2;
  const groups = (Object.keys(GROUPS) as CliCommand['group'][]).flatMap((group) => {
    const members = commands.filter((command) => command.group === group);
    if (members.length === 0) return [];
    const lines = members.map((command) => `  ${command.name.padEnd(width)}${command.summary[io.language]}`);
    return ['', paint(io, 'bold', GROUPS[group][io.language]), ...lines];
  });
  const t = (key: keyof typeof TEXT): string => TEXT[key][io.language];
  return `${[t('what'), '', t('usage'), ...groups, '', t('begin'), t('more')].join('\n')}\n`;
}
