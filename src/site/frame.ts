/**
 * The frame of a site file: what is the same whatever drivers, stacks and probes there are. The authoring form;
 * `load.ts` makes a Site of it. Every key has its sentence in both languages: editors, `holdfast schema` and
 * docs/reference/site.md show it.
 */
import { z } from 'zod';
import { durationSchema } from '../base/zod-duration.ts';
import { say } from './described.ts';
import { loadReasons as reasons } from './load-reasons.ts';
import {
  byName,
  dnsName,
  endpointRef,
  explain,
  hostAddress,
  hostRef,
  ipAddress,
  oneOrMany,
  port,
  publicKey,
  secretRef,
} from './values.ts';

const sudo = z.union([
  z.enum(['none', 'nopasswd']),
  z.strictObject({
    password: say(secretRef(), 'Password for sudo, by reference.', 'sudo 密码的引用。'),
  }),
]);

/** How hosts are reached; `access:` gives the defaults of every host, and a host may say otherwise. */
const accessKeys = {
  user: say(z.string().min(1).optional(), 'User to log in as. Default: root.', '登录用户。默认 root。'),
  port: say(port().optional(), 'SSH port. Default: 22.', 'SSH 端口。默认 22。'),
  identity: say(
    oneOrMany(z.string().min(1)).optional(),
    'Private key file, or a list tried in order before the agent.',
    '私钥文件，或按顺序尝试的列表（先于 ssh-agent）。',
  ),
  identities: say(oneOrMany(z.string().min(1)).optional(), 'The same as `identity`.', '同 `identity`。'),
  passphrase: say(secretRef().optional(), 'Passphrase of the private key, by reference.', '私钥口令的引用。'),
  password: say(
    secretRef().optional(),
    'Password to log in with, by reference: env:NAME, file:/path or sealed:/path#key.',
    '登录密码的引用：env:名称、file:/路径 或 sealed:/路径#键。',
  ),
  sudo: say(
    sudo.optional(),
    'How the user becomes root: none (it is root), nopasswd, or { password: env:NAME }. Default: none for root, nopasswd for others.',
    '如何取得 root 权限：none（本身就是 root）、nopasswd，或 { password: env:名称 }。默认 root 用户为 none，其他用户为 nopasswd。',
  ),
  jump: say(
    oneOrMany(hostRef()).optional(),
    'Hosts of this site to jump through, in order.',
    '依次经过的跳板机（本站点的主机名）。',
  ),
  knownHosts: say(
    oneOrMany(z.string().min(1)).optional(),
    'known_hosts files to check host keys against. Default: ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts.',
    '用于校验主机密钥的 known_hosts 文件。默认 ~/.ssh/known_hosts 和 /etc/ssh/ssh_known_hosts。',
  ),
};
const access = say(
  z.strictObject(accessKeys),
  'How hosts are reached; defaults for every host.',
  '如何访问主机；对所有主机生效的默认值。',
);

const fullHost = z.strictObject({
  address: say(
    hostAddress().optional(),
    'Where SSH goes: IPv4, IPv6 or a name.',
    'SSH 连接的地址：IPv4、IPv6 或主机名。',
  ),
  addresses: say(
    z.array(hostAddress()).min(1).optional(),
    'All its addresses; SSH goes to the first unless `address` says otherwise.',
    '主机的全部地址；未写 `address` 时 SSH 连接第一个。',
  ),
  transport: say(
    z.enum(['ssh', 'local']).optional(),
    'local: this machine itself, without SSH. Default: ssh.',
    'local 表示本机，不经 SSH。默认 ssh。',
  ),
  hostKey: say(
    publicKey().optional(),
    'Its public host key, pinned: `ssh-ed25519 AAAA…`.',
    '固定的主机公钥：`ssh-ed25519 AAAA…`。',
  ),
  labels: say(
    z.record(z.string(), z.string()).optional(),
    'Free labels. Members with the same `machine` label stand on one physical machine.',
    '自定义标签。`machine` 标签相同的成员位于同一台物理机。',
  ),
  ...accessKeys,
});
const host = z.union([
  hostAddress(),
  fullHost.superRefine((value, ctx) => {
    if (value.address !== undefined || value.addresses !== undefined || value.transport === 'local') return;
    const hint = reasons.of('add-key-example', { example: 'address: 192.0.2.10' });
    explain(ctx, 'missing-key', reasons.of('missing-key', { key: 'address' }), hint, ['address']);
  }),
]);

const weight = z.number().int().min(0).max(1_000);
const member = z.union([
  hostRef(),
  z.strictObject({
    host: say(hostRef(), 'The host.', '主机名。'),
    address: say(
      hostAddress().optional(),
      'Where clients reach it, if not at the host’s first address.',
      '客户端访问它的地址（若不是主机的第一个地址）。',
    ),
    weight: say(
      weight.optional(),
      'Share of clients under the policy `weighted`. Default: 1.',
      '`weighted` 策略下的权重。默认 1。',
    ),
  }),
]);

const members = z
  .array(member)
  .min(1)
  .superRefine((list, ctx) => {
    const names = list.map((one) => (typeof one === 'string' ? one : one.host));
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue;
      explain(ctx, 'wrong-value', reasons.of('member-twice', { name }), reasons.of('keep-one'), [index]);
    }
  });

/** The ids are where `json-schema.ts` puts what the families bring. */
const driver = z.union([z.string(), z.looseObject({ kind: z.string() })]).meta({ id: 'driver' });
const probe = z
  .union([z.string(), z.looseObject({ kind: z.string(), name: z.string().min(1).optional() })])
  .meta({ id: 'probe' });
const probes = z.array(probe).superRefine((list, ctx) => {
  const names = list.map((one) => (typeof one === 'string' ? undefined : one.name));
  for (const [index, name] of names.entries()) {
    if (name === undefined || names.indexOf(name) === index) continue;
    explain(ctx, 'wrong-value', reasons.of('probe-name-twice', { name }), reasons.of('name-one'), [
      index,
      'name',
    ]);
  }
});
const failback = z.union([
  z.enum(['auto', 'manual']),
  z.strictObject({
    mode: say(
      z.enum(['auto', 'manual']).optional(),
      'Whether the way back is taken without a person. Default: auto.',
      '是否无需人工自动回切。默认 auto。',
    ),
    after: say(
      durationSchema().optional(),
      'How long the original must have been well. Default: 10m.',
      '原主节点须持续正常多久。默认 10m。',
    ),
  }),
]);

const endpoint = z.strictObject({
  name: say(dnsName().optional(), 'The DNS name that clients use.', '客户端使用的域名。'),
  addresses: say(
    z.array(ipAddress()).optional(),
    'Addresses of its own (a VIP), where it has them.',
    '端点自己的地址（VIP）。',
  ),
  driver: say(
    driver,
    'What realises it: the name of a driver, or { kind: <driver>, … } with its settings.',
    '由什么实现：驱动名，或带设置的 { kind: <驱动>, … }。',
  ),
  policy: say(
    z.enum(['failover', 'all-healthy', 'weighted']).optional(),
    'failover: the first healthy member in order. all-healthy: all of them. weighted: by weight. Default: failover.',
    'failover：按顺序第一个健康成员；all-healthy：所有健康成员；weighted：按权重。默认 failover。',
  ),
  members: say(members, 'Hosts behind it, in order of preference.', '其后的主机，按优先顺序排列。'),
  probes: say(
    probes.optional(),
    'Checks of one member; all must be up. Default: those of the stack in front of which it stands.',
    '对单个成员的探测，须全部通过。默认使用其后栈的探测。',
  ),
  rise: say(
    z.number().int().min(1).max(1_000).optional(),
    'Successes in a row before a member is up. Default: 2.',
    '连续成功多少次视为恢复。默认 2。',
  ),
  fall: say(
    z.number().int().min(1).max(1_000).optional(),
    'Failures in a row before a member is down. Default: 2.',
    '连续失败多少次视为故障。默认 2。',
  ),
  interval: say(
    durationSchema({ minMs: 10 }).optional(),
    'Time from one probe to the next. Default: 1s.',
    '两次探测的间隔。默认 1s。',
  ),
  timeout: say(
    durationSchema({ minMs: 10 }).optional(),
    'How long one probe may take. Default: 1s.',
    '单次探测的超时时间。默认 1s。',
  ),
  ttl: say(
    durationSchema({ maxMs: 2 ** 31 * 1_000 - 1_000 }).optional(),
    'How long clients may keep an answer. Default: 5s.',
    '客户端可缓存应答的时间。默认 5s。',
  ),
  holdDown: say(
    durationSchema().optional(),
    'After a change no other follows for this long, unless the active member goes down. Default: 10s.',
    '切换后在此时间内不再切换，除非活动成员故障。默认 10s。',
  ),
  failoverTarget: say(
    durationSchema({ minMs: 1 }).optional(),
    'The longest outage you accept; lint holds the other times against it. Default: 30s.',
    '可接受的最长中断；lint 据此检查其他时间。默认 30s。',
  ),
  failback: say(
    failback.optional(),
    'The way back to the preferred member: auto, manual, or { mode, after }. Default: auto after 10m where a stack checks parity, otherwise manual.',
    '回切到首选成员的方式：auto、manual 或 { mode, after }。有栈校验数据一致时默认 10m 后自动，否则为 manual。',
  ),
});

const stack = z
  .looseObject({
    kind: say(z.string(), 'What kind of system it is.', '系统类型。'),
    endpoint: say(endpointRef().optional(), 'The endpoint in front of it.', '其前面的端点。'),
  })
  .meta({ id: 'stack' });

const suppression = z.strictObject({
  rule: say(
    z.string().regex(/^HF\d{3}$/, { error: 'expected a rule id such as HF012' }),
    'The id of the rule.',
    '规则编号。',
  ),
  path: say(
    z.string().min(1).optional(),
    'Only findings at or below this path, such as endpoints.tinder.ttl.',
    '仅对此路径及其下的发现生效，如 endpoints.tinder.ttl。',
  ),
  because: say(
    z
      .string()
      .trim()
      .min(8, { error: 'expected a reason that a colleague would understand, of at least 8 characters' }),
    'Why it is acceptable here.',
    '为何在此可以接受。',
  ),
});

const auditFile = z.strictObject({
  kind: say(
    z.enum(['zone', 'reverse-zone', 'hosts-file', 'cluster-config', 'resolv-conf']),
    'What the file is.',
    '文件类型。',
  ),
  path: say(z.string().min(1), 'Where it lies, relative to this file.', '路径，相对于本文件。'),
  host: say(hostRef().optional(), 'The host it was taken from.', '取自哪台主机。'),
  endpoint: say(
    endpointRef().optional(),
    'The endpoint it concerns. Default: every endpoint that has a name.',
    '所涉端点。默认所有带域名的端点。',
  ),
  origin: say(
    dnsName().optional(),
    'Of a zone: its name, as in named.conf, where the file has no absolute $ORIGIN.',
    '区域名（同 named.conf），当文件中没有绝对 $ORIGIN 时填写。',
  ),
});

/** The whole file. `x-…` keys on the top level are the author's own (anchors) and taken away before. */
export const siteFrame = z.strictObject({
  apiVersion: say(z.literal('holdfast/v1'), 'Version of this format.', '本格式的版本。'),
  kind: say(z.literal('Site'), 'What the file describes.', '文件描述的对象。'),
  metadata: say(
    z.strictObject({
      name: say(z.string().min(1), 'Name of the site.', '站点名称。'),
      description: say(z.string().optional(), 'For people.', '供人阅读的说明。'),
    }),
    'What the site is called.',
    '站点的名称与说明。',
  ),
  access: access.optional(),
  hosts: say(
    byName(host),
    'Machines by name: an address, or a mapping.',
    '按名称列出的主机：一个地址，或一个映射。',
  ),
  endpoints: say(
    byName(endpoint).optional(),
    'Stable names and addresses that clients use.',
    '客户端使用的稳定域名与地址。',
  ),
  stacks: say(byName(stack).optional(), 'Highly available systems by name.', '按名称列出的高可用系统。'),
  watch: say(
    z
      .strictObject({
        concurrency: say(
          z.number().int().min(1).max(10_000).optional(),
          'How many probes may be under way at once. Default: 64.',
          '同时进行的探测数上限。默认 64。',
        ),
      })
      .optional(),
    'How the watcher works.',
    '监视器的工作方式。',
  ),
  lint: say(
    z
      .strictObject({
        suppress: say(
          z.array(suppression).optional(),
          'Findings that are accepted, each with its reason.',
          '已接受的发现，逐条说明理由。',
        ),
      })
      .optional(),
    'Lint settings.',
    'lint 设置。',
  ),
  audit: say(
    z
      .strictObject({
        files: say(
          z.array(auditFile).optional(),
          'Files of the existing installation to be checked.',
          '需要审查的现有配置文件。',
        ),
      })
      .optional(),
    'Existing vendor configuration that lint checks too.',
    'lint 一并审查的现有厂商配置。',
  ),
});

export type SiteFrame = z.output<typeof siteFrame>;
export type AccessFrame = NonNullable<SiteFrame['access']>;
export type HostFrame = SiteFrame['hosts'][string];
export type EndpointFrame = NonNullable<SiteFrame['endpoints']>[string];
export type StackFrame = NonNullable<SiteFrame['stacks']>[string];
export type AuditFileFrame = NonNullable<NonNullable<SiteFrame['audit']>['files']>[number];
