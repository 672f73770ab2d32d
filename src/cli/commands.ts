/** Every command, in the order of `holdfast --help`. One line and one file each. */
import type { CliCommand } from './command.ts';

export const commands: readonly CliCommand[] = [
  {
    name: 'demo',
    group: 'tools',
    summary: {
      en: 'Show a failover on this machine: no root, no network, half a minute',
      zh: '在本机演示一次故障切换：无需 root 和网络，约半分钟',
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
  {
    name: 'watch',
    group: 'watch',
    summary: {
      en: 'Probe the members and keep every endpoint answered, until stopped',
      zh: '持续探测成员并保持每个端点有应答，直至停止',
    },
    load: () => import('./watch.ts'),
  },
  {
    name: 'status',
    group: 'watch',
    summary: { en: 'Show who answers, since when and why', zh: '显示由谁应答、自何时起及原因' },
    load: () => import('./status.ts'),
  },
  {
    name: 'verify',
    group: 'watch',
    summary: {
      en: 'Run every probe once and look at what clients get; exit code 0 or 1',
      zh: '将所有探测各执行一次并查看客户端得到的应答；退出码为 0 或 1',
    },
    load: () => import('./verify.ts'),
  },
  {
    name: 'switch',
    group: 'watch',
    summary: { en: 'Move an endpoint to another member, planned', zh: '将端点计划切换到另一成员' },
    load: () => import('./switch.ts'),
  },
  {
    name: 'failback',
    group: 'watch',
    summary: { en: 'Move an endpoint back to its preferred member', zh: '将端点切回首选成员' },
    load: () => import('./failback.ts'),
  },
  {
    name: 'drain',
    group: 'watch',
    summary: { en: 'Take a member out, or give it back (--undo)', zh: '摘除一个成员，或恢复它（--undo）' },
    load: () => import('./drain.ts'),
  },
  {
    name: 'force',
    group: 'watch',
    summary: {
      en: 'Answer with a member whatever its health, for a time or until release',
      zh: '无论健康与否强制由某成员应答，限时或直至解除',
    },
    load: () => import('./force.ts'),
  },
  {
    name: 'release',
    group: 'watch',
    summary: { en: 'End a force', zh: '解除强制应答' },
    load: () => import('./release.ts'),
  },
  {
    name: 'plan',
    group: 'change',
    summary: { en: 'Show what an apply would change, with diffs', zh: '查看 apply 将做的变更及差异' },
    load: () => import('./plan.ts'),
  },
  {
    name: 'apply',
    group: 'change',
    summary: { en: 'Bring the site to what its file says', zh: '使站点符合站点文件的描述' },
    load: () => import('./apply.ts'),
  },
  {
    name: 'sync',
    group: 'change',
    summary: {
      en: 'Copy images, files and charts that one member holds and another lacks',
      zh: '将某成员拥有而另一成员缺少的镜像、文件和 chart 复制过去',
    },
    load: () => import('./sync.ts'),
  },
  {
    name: 'upgrade',
    group: 'change',
    summary: {
      en: 'Upgrade a stack, one member after the other, each verified',
      zh: '升级栈：逐个成员进行，并逐一验证',
    },
    load: () => import('./upgrade.ts'),
  },
  {
    name: 'resume',
    group: 'change',
    summary: { en: 'Go on with a run that was cut or stopped', zh: '继续一次中断或停止的运行' },
    load: () => import('./resume.ts'),
  },
  {
    name: 'rollback',
    group: 'change',
    summary: { en: 'Put back what a run did', zh: '撤销一次运行所做的变更' },
    load: () => import('./rollback.ts'),
  },
  {
    name: 'runs',
    group: 'change',
    summary: { en: 'List the runs; show one with its evidence', zh: '列出运行记录；查看某次运行及其证据' },
    load: () => import('./runs.ts'),
  },
  {
    name: 'drill',
    group: 'tools',
    summary: {
      en: 'Do on purpose what one hopes never to need: restore a backup',
      zh: '演练平时希望用不到的操作：恢复备份',
    },
    load: () => import('./drill.ts'),
  },
  {
    name: 'locks',
    group: 'change',
    summary: { en: 'Who holds which host, since when', zh: '查看哪些主机被谁锁定、从何时起' },
    load: () => import('./locks.ts'),
  },
  {
    name: 'facts',
    group: 'tools',
    summary: { en: 'Show what was found on the hosts', zh: '查看在主机上发现的信息' },
    load: () => import('./facts.ts'),
  },
  {
    name: 'seal',
    group: 'tools',
    summary: {
      en: 'Encrypt a secret into a file that the site file can refer to',
      zh: '将密钥加密保存到可在站点文件中引用的文件',
    },
    load: () => import('./seal.ts'),
  },
  {
    name: 'lab',
    group: 'tools',
    summary: {
      en: 'Throw-away Debian hosts on this machine, to try procedures on',
      zh: '本机上用完即弃的 Debian 主机，供演练使用',
    },
    load: () => import('./lab.ts'),
  },
];
