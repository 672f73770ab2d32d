/** How hosts stand in a site file, and how they are reached. */
import { z } from 'zod';
import { say } from './described.ts';
import { loadReasons as reasons } from './load-reasons.ts';
import { explain, hostAddress, hostRef, oneOrMany, port, publicKey, secretRef } from './values.ts';

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
    '登录密码的引用：`env:名称`、`file:/路径` 或 `sealed:/路径#键`。',
  ),
  sudo: say(
    sudo.optional(),
    'How the user becomes root: none (it is root), nopasswd, or { password: env:NAME }. Default: none for root, nopasswd for others.',
    '如何取得 root 权限：none（本身就是 root）、nopasswd，或 `{ password: env:名称 }`。默认 root 用户为 none，其他用户为 nopasswd。',
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
export const accessFrame = say(
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
/** One host: its address, or a mapping. */
export const hostFrame = z.union([
  hostAddress(),
  fullHost.superRefine((value, ctx) => {
    if (value.address !== undefined || value.addresses !== undefined || value.transport === 'local') return;
    const hint = reasons.of('add-key-example', { example: 'address: 192.0.2.10' });
    explain(ctx, 'missing-key', reasons.of('missing-key', { key: 'address' }), hint, ['address']);
  }),
]);
