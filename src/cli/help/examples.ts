/** What stands below the options in `holdfast <command> --help`: command lines to copy, and what else has to be known. */
import type { Sentence } from '../../base/reason.ts';

export interface Example {
  /** Without `holdfast`. */
  readonly line: string;
  readonly what: Sentence;
}

/** What else has to be known, by command. */
export const notes: Readonly<Record<string, Sentence>> = {
  seal: {
    en: 'The value comes from standard input (one newline at its end does not count), or is asked for on a terminal.\nThe passphrase comes from $HOLDFAST_SEAL_PASSPHRASE, from the 0600 file that $HOLDFAST_SEAL_KEY_FILE names, or is\nasked for.',
    zh: '内容来自标准输入（末尾的一个换行不计），在终端上则会询问。\n口令来自 $HOLDFAST_SEAL_PASSPHRASE，或 $HOLDFAST_SEAL_KEY_FILE 所指的 0600 文件，否则会询问。',
  },
};

/** By command. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  demo: [
    { line: 'demo', what: { en: 'half a minute, no root, no network', zh: '约半分钟，无需 root 和网络' } },
    { line: 'demo --json >figures.json', what: { en: 'the figures for a script', zh: '供脚本使用的数据' } },
  ],
  init: [
    { line: 'init', what: { en: 'a bootstrap pair, into ./site.yaml', zh: '火种节点对，写入 ./site.yaml' } },
    {
      line: 'init bootstrap-dns-bind -f dc1.yaml',
      what: { en: 'another layout, another file', zh: '其他布局，其他文件' },
    },
    {
      line: 'init --stdout | holdfast lint -f -',
      what: { en: 'look at what lint says of it', zh: '看看 lint 怎么说' },
    },
  ],
  lint: [
    { line: 'lint', what: { en: './site.yaml', zh: '检查 ./site.yaml' } },
    { line: 'lint --strict --sarif >lint.sarif', what: { en: 'in a pipeline', zh: '用于流水线' } },
    { line: 'explain HF012', what: { en: 'why a finding matters', zh: '某条规则为何重要' } },
  ],
  explain: [
    { line: 'explain', what: { en: 'all rules', zh: '所有规则' } },
    { line: 'explain HF012', what: { en: 'one rule', zh: '一条规则' } },
    { line: 'explain host/key-changed', what: { en: 'one error', zh: '一种错误' } },
  ],
  schema: [
    {
      line: 'schema >site.schema.json',
      what: {
        en: 'then begin the site file with: # yaml-language-server: $schema=./site.schema.json',
        zh: '然后在站点文件首行写：# yaml-language-server: $schema=./site.schema.json',
      },
    },
  ],
  watch: [
    {
      line: 'watch',
      what: { en: 'a live screen on a terminal, lines without one', zh: '终端上为实时画面，否则为逐行输出' },
    },
    { line: 'watch --json', what: { en: 'every event, for a log collector', zh: '全部事件，供日志采集' } },
  ],
  status: [
    { line: 'status', what: { en: 'one screen', zh: '一屏概览' } },
    { line: 'status --json | jq .endpoints[0].answer', what: { en: 'for a script', zh: '供脚本使用' } },
  ],
  verify: [
    {
      line: 'verify',
      what: { en: 'exit code 0 where all is well, else 1', zh: '全部正常退出码为 0，否则为 1' },
    },
    { line: 'verify tinder --json', what: { en: 'one endpoint, with evidence', zh: '一个端点，附证据' } },
  ],
  switch: [
    { line: 'switch standby', what: { en: 'where the site has one endpoint', zh: '站点只有一个端点时' } },
    { line: 'switch tinder standby', what: { en: 'where it has several', zh: '有多个端点时' } },
  ],
  failback: [
    {
      line: 'failback',
      what: { en: 'refused while the original lacks something', zh: '原节点内容尚不齐全时会拒绝' },
    },
  ],
  drain: [
    { line: 'drain original', what: { en: 'before its maintenance', zh: '维护之前' } },
    { line: 'drain --undo original', what: { en: 'afterwards', zh: '维护之后' } },
  ],
  force: [
    {
      line: 'force standby --for 2h',
      what: { en: 'nothing else moves it for two hours', zh: '两小时内不受其他因素影响' },
    },
    {
      line: 'force api control-1,control-2',
      what: { en: 'several members, until release', zh: '多个成员，直至解除' },
    },
  ],
  release: [{ line: 'release', what: { en: 'automatism goes on from here', zh: '由此恢复自动判断' } }],
  plan: [
    {
      line: 'plan',
      what: { en: 'exit code 0: nothing to do, 3: something', zh: '退出码 0：无需变更，3：有变更' },
    },
    {
      line: 'plan -o change.json',
      what: { en: 'kept, to be applied exactly so', zh: '保存下来，以便原样执行' },
    },
    { line: 'plan --hosts node-1 node-2', what: { en: 'a part of the site', zh: '站点的一部分' } },
  ],
  apply: [
    { line: 'apply', what: { en: 'shows the plan, asks, does it', zh: '显示计划、询问、执行' } },
    {
      line: 'apply change.json',
      what: { en: 'a kept plan, or a refusal where something moved', zh: '执行保存的计划；情况有变则拒绝' },
    },
    { line: 'apply --yes --json', what: { en: 'from a script', zh: '在脚本中' } },
  ],
  resume: [
    {
      line: 'resume',
      what: { en: 'after Ctrl-C, a lost connection, a power cut', zh: 'Ctrl-C、断线或断电之后' },
    },
    {
      line: 'resume --accept-moved-site',
      what: {
        en: 'the old plan, although the site file has changed or has mistakes',
        zh: '按旧计划继续，即使站点文件已修改或有错误',
      },
    },
  ],
  rollback: [
    {
      line: 'rollback',
      what: {
        en: 'the newest run, last step first; of the site file only the hosts must be right',
        zh: '最近一次运行，从最后的步骤开始；站点文件中只要求主机部分正确',
      },
    },
    {
      line: 'rollback --yes --discard-changes',
      what: {
        en: 'without asking; what was edited since is copied aside',
        zh: '不询问；此后的修改会另存一份',
      },
    },
  ],
  runs: [
    { line: 'runs', what: { en: 'newest first', zh: '最新的在前' } },
    {
      line: 'runs show 20260101-120000-abcd',
      what: { en: 'what it did, with evidence', zh: '它做了什么，附证据' },
    },
  ],
  drill: [
    {
      line: 'drill restore',
      what: {
        en: 'the newest backup, into a server of its own that is thrown away',
        zh: '将最新备份恢复到临时服务器，之后丢弃',
      },
    },
  ],
  locks: [{ line: 'locks', what: { en: 'who holds which host', zh: '哪台主机被谁锁定' } }],
  facts: [
    { line: 'facts', what: { en: 'everything, of all hosts', zh: '所有主机的全部事实' } },
    {
      line: 'facts original --only resolver hosts-file',
      what: { en: 'two of one host', zh: '一台主机的两项事实' },
    },
  ],
  seal: [
    {
      line: 'seal secrets.sealed dns',
      what: {
        en: 'asks for value and passphrase; then `secret: sealed:secrets.sealed#dns`',
        zh: '询问内容与口令；之后写 `secret: sealed:secrets.sealed#dns`',
      },
    },
    { line: 'seal secrets.sealed dns <key.txt', what: { en: 'the value from a file', zh: '内容来自文件' } },
  ],
};
