/** What the site file says of a MariaDB pair; who is primary and who standby, the endpoint says. */
import { z } from 'zod';
import { durationSchema } from '../../base/zod-duration.ts';
import { say } from '../../site/described.ts';
import { hostRef, port, secretRef } from '../../site/values.ts';

import { backupSpec } from './backup/schema.ts';

/** Names as MariaDB takes them, without what would have to be quoted. */
const account = z.string().regex(/^(?!root$)[A-Za-z][A-Za-z0-9_]{0,31}$/, {
  error:
    'expected the name of an account: letters, digits and _, at most 32; not root, who gets past read-only',
});
/** `10.0.0.0/24`, or one address. IPv4, as MariaDB knows networks of no other kind. */
const network = z
  .string()
  .regex(/^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}(\/([0-9]|[12]\d|3[0-2]))?$/, {
    error: 'expected an IPv4 network such as 10.0.0.0/24, or one address',
  });
const size = z.string().regex(/^[1-9]\d*[MG]$/, { error: 'expected a size such as 512M or 8G' });

const password = say(secretRef(), 'Its password, by reference.', '密码（引用）。');
const networks = say(z.array(network).min(1), 'Networks from which it may log in.', '允许其登录的网段。');

export const mariadbSpec = z.strictObject({
  availability: say(
    z.enum(['continue', 'stop']),
    '`continue`: a primary whose standby is silent goes on alone after `ackTimeout`; what it commits then is on one host. `stop`: it acknowledges nothing until the standby is back.',
    '`continue`：备库无响应超过 `ackTimeout` 后主库单独继续，此后的提交只在一台主机上。`stop`：备库恢复前主库不再确认任何提交。',
  ),
  witness: say(
    hostRef().optional(),
    'A third host that decides who may go on alone, so that a cut between the two never leaves both writing. It needs sshd, and a few bytes. Default: none; then a standby that was level takes over, and the primary goes on after `ackTimeout`, where each is cut off from the other.',
    '第三台主机，裁定谁可以单独继续，两节点之间网络中断时不会双写。只需 sshd 和少量空间。默认无：此时两节点互相隔离，同步的备库会接管，而主库在 `ackTimeout` 后单独继续。',
  ),
  replication: say(
    z.strictObject({
      user: say(account.default('holdfast_repl'), 'Its account.', '复制账号。'),
      password,
    }),
    'The account by which each node reads the other; it may log in from the peer only, over TLS.',
    '两个节点互相读取所用的账号；只允许从对端经 TLS 登录。',
  ),
  platform: say(
    z
      .strictObject({
        user: say(account, 'Its account.', '账号。'),
        password,
        networks,
      })
      .optional(),
    'The account of the platform: it may do everything with databases, but nothing that gets past read-only.',
    '平台使用的账号：可管理所有数据库，但没有绕过只读的权限。',
  ),
  monitor: say(
    z
      .strictObject({
        user: say(account.default('holdfast_watch'), 'Its account.', '账号。'),
        password,
        networks,
        checksums: say(
          z
            .array(
              z
                .string()
                .regex(
                  /^(?!(mysql|sys|holdfast|information_schema|performance_schema)\.)[\w$-]+\.([\w$-]+|\*)$/,
                  {
                    error: 'expected database.table, or database.* for all of its tables',
                  },
                ),
            )
            .default([]),
          'Tables whose rows `verify` compares between the two, as `database.table` or `database.*`; the account may read those databases. Default: none.',
          '`verify` 在两台之间逐行比较的表，写作 `库.表` 或 `库.*`；该账号可读取这些库。默认不比较。',
        ),
      })
      .optional(),
    'An account by which Holdfast itself asks for replication, lag and roles; it sees no data but what it compares. Default: only the greeting is asked for.',
    'Holdfast 查询复制、延迟和角色所用的账号，除所比较的库外看不到数据。默认只检查服务握手。',
  ),
  rootPassword: say(
    secretRef().optional(),
    'Password of root@localhost where a database is there already and root has one. Default: the socket (unix_socket).',
    '数据库已存在且 root@localhost 有密码时，其密码的引用。默认通过 unix_socket 登录。',
  ),
  remoteRoot: say(
    z.enum(['remove', 'keep']).default('remove'),
    'What becomes of root accounts that may log in over the network. Default: remove.',
    '可通过网络登录的 root 账号如何处理。默认 remove（删除）。',
  ),
  ackTimeout: say(
    durationSchema({ minMs: 1_500, maxMs: 600_000 }).prefault('3s'),
    'How long a commit waits for the standby before `availability` decides. Default: 3s.',
    '提交等待备库确认的最长时间，之后由 `availability` 决定。默认 3s。',
  ),
  seed: say(
    z.enum(['backup', 'dump']).default('backup'),
    'How a standby gets the primary’s data: `backup`, its files by mariadb-backup (by a dump all the same where the servers are of different versions, or keep their files apart), or `dump`, which is slower and fits everywhere. Default: backup.',
    '备库如何获得主库数据：`backup` 用 mariadb-backup 复制文件（两台服务器版本不同或文件布局不同时仍改用转储）；`dump` 用转储，较慢但总能使用。默认 backup。',
  ),
  backup: say(
    backupSpec.optional(),
    'Backups by mariadb-backup, made by the hosts themselves. Default: none.',
    '由主机自行用 mariadb-backup 执行的备份。默认不备份。',
  ),
  port: say(port().default(3306), 'Port of the database.', '数据库端口。'),
  bufferPool: say(
    size.optional(),
    'innodb_buffer_pool_size. Default: half of the memory of the smaller host.',
    'innodb_buffer_pool_size。默认为内存较小主机的一半内存。',
  ),
  maxConnections: say(
    z.int().min(10).max(100_000).default(1_000),
    'max_connections. Default: 1000.',
    'max_connections。默认 1000。',
  ),
  keepBinlogs: say(
    durationSchema({ minMs: 86_400_000, maxMs: 90 * 86_400_000 }).prefault('30d'),
    'How long binary logs are kept; a standby away for longer is seeded again. Default: 30d.',
    '二进制日志的保留时间；备库离线更久则需重新灌入数据。默认 30d。',
  ),
});

export type MariadbSpec = z.infer<typeof mariadbSpec>;
