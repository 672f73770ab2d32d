/** Every command, in the order of `holdfast --help`. One line and one file each. */
import type { CliCommand } from './command.ts';

export const commands: readonly CliCommand[] = [
  {
    name: 'demo',
    group: 'tools',
    summary: {
      en: 'Show a failover on this machine: no root, no network, half a minute',
      zh: '在本机演示一次故障切换:无需 root 和网络,约半分钟',
    },
    load: () => import('./demo.ts'),
  },

  {
    name: 'init',
    group: 'site',
    summary: { en: 'Write a commented site file to begin with', zh: '生成一份带注释的站点文件' },
    load: () => import('./init.ts'),
  },
  {
    name: 'lint',
    group: 'site',
    summary: { en: 'Find what would break on failover, and why', zh: '找出切换时会出问题的地方及原因' },
    load: () => import('./lint.ts'),
  },
  {
    name: 'explain',
    group: 'site',
    summary: { en: 'Explain a lint rule, or list them all', zh: '解释一条规则，或列出所有规则' },
    load: () => import('./explain.ts'),
  },
  {
    name: 'schema',
    group: 'site',
    summary: {
      en: 'Print the JSON Schema of site files, for editors',
      zh: '输出站点文件的 JSON Schema，供编辑器使用',
    },
    load: () => import('./schema.ts'),
  },
];
