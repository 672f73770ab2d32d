import type { Sentence } from '../base/reason.ts';
import type { LoadCheckName } from './problem.ts';

/** What the loader checks, with the ids under which its findings appear. They are errors, and not suppressible. */
export interface LoadCheck {
  readonly id: string;
  readonly title: Sentence;
  readonly explanation: Sentence;
}

export const loadChecks: Readonly<Record<LoadCheckName, LoadCheck>> = {
  syntax: {
    id: 'HF001',
    title: { en: 'The file is no readable YAML', zh: '文件不是可读取的 YAML' },
    explanation: {
      en: 'One UTF-8 document of YAML 1.2 with a mapping at its top is expected. Tabs may not indent; aliases may not blow the file up. Nothing is applied from a file that cannot be read as a whole.',
      zh: '应为一份 UTF-8 编码的 YAML 1.2 文档，顶层为映射。不允许用制表符缩进，也不允许别名无限展开。无法完整读取的文件不会被执行任何部分。',
    },
  },
  'duplicate-key': {
    id: 'HF002',
    title: { en: 'A key stands twice', zh: '键重复' },
    explanation: {
      en: 'Most programs silently keep the last one. Whoever edits the first then wonders why nothing changes, often in the middle of an outage.',
      zh: '多数程序会悄悄保留最后一个。修改了前一个的人会发现毫无效果，而且往往正值故障期间。',
    },
  },
  'unknown-key': {
    id: 'HF003',
    title: { en: 'A key is unknown', zh: '未知的键' },
    explanation: {
      en: 'A misspelt key would mean that its default holds and not what was written. The keys of each place are in docs/reference/site.md and in the JSON Schema. Keys of your own, to hang anchors on, may stand on the top level if they start with x-.',
      zh: '键名拼错意味着生效的是默认值，而不是所写的内容。各处允许的键见 docs/reference/site.md 及 JSON Schema。用于放置锚点的自定义键可写在顶层，以 x- 开头。',
    },
  },
  'wrong-value': {
    id: 'HF004',
    title: { en: 'A value is not what belongs here', zh: '值不符合要求' },
    explanation: {
      en: 'The message says what was expected and what is there. Durations carry their unit (250ms, 2s, 1h30m): a bare number could be seconds or milliseconds.',
      zh: '消息中说明了应有的值与实际的值。时长必须带单位（250ms、2s、1h30m），因为单独的数字无法区分秒与毫秒。',
    },
  },
  'unknown-reference': {
    id: 'HF005',
    title: { en: 'A name refers to nothing', zh: '引用的名称不存在' },
    explanation: {
      en: 'A member that is no host, an endpoint or a kind that does not exist: the failover would go nowhere. Names are compared exactly.',
      zh: '成员不是已定义的主机，或端点、类型不存在：故障切换将无处可去。名称按原样精确比较。',
    },
  },
  'missing-key': {
    id: 'HF006',
    title: { en: 'A key is missing', zh: '缺少键' },
    explanation: {
      en: 'Only what cannot be guessed is asked for: apiVersion, kind, metadata.name, the hosts, and of an endpoint its driver and members.',
      zh: '只要求无法推断的内容：apiVersion、kind、metadata.name、主机，以及端点的驱动与成员。',
    },
  },
  'unreadable-file': {
    id: 'HF007',
    title: { en: 'A file to be audited cannot be read', zh: '待审查的文件无法读取' },
    explanation: {
      en: 'An audit that skips a file says less than it seems to. Paths are relative to the folder of the site file.',
      zh: '跳过文件的审查结果会造成误解。路径相对于站点文件所在目录。',
    },
  },
  'plain-text-password': {
    id: 'HF008',
    title: { en: 'A password stands in the file', zh: '文件中有明文密码' },
    explanation: {
      en: 'Site files are kept in Git, sent by mail and shown on screens. Holdfast takes passwords by reference only: env:NAME, file:/path (mode 0600) or sealed:/path#key. A password that has been in a file is to be changed.',
      zh: '站点文件会进入 Git、通过邮件发送、出现在屏幕上。Holdfast 只接受密码的引用：`env:名称`、`file:/路径`（权限 0600）或 `sealed:/路径#键`。曾写入文件的密码应当更换。',
    },
  },
};
