import { defineErrors } from '../../base/error-table.ts';
import { HoldfastError } from '../../base/errors.ts';

/** What can go wrong around a MariaDB pair. */
export const mariadbErrors = defineErrors({
  'mariadb/no-pair': {
    en: {
      what: 'The stack has no endpoint with exactly two members on hosts of their own, so there is no pair.',
      mend: 'Give the stack an `endpoint` with two members: the preferred primary first, then its standby.',
    },
    zh: {
      what: '该栈没有恰好包含两个成员（各在一台主机上）的端点，无法组成主备。',
      mend: '请为该栈配置含两个成员的 `endpoint`：先写首选主库，再写备库。',
    },
  },
  'mariadb/too-old': {
    en: {
      what: 'The MariaDB of a host knows no GTID or no built-in semi-synchronous replication (before 10.3; CentOS 7 brings 5.5).',
      mend: 'Upgrade it to 10.5 or newer from the repository of MariaDB, then plan again.',
    },
    zh: {
      what: '主机上的 MariaDB 不支持 GTID 或内置半同步复制（低于 10.3；CentOS 7 自带 5.5）。',
      mend: '请用 MariaDB 官方仓库升级到 10.5 或更新版本，然后重新生成计划。',
    },
  },
  'mariadb/not-asked': {
    en: {
      what: 'A database runs on the host, and its root could not log in: what it holds, and whom it follows, is unknown.',
      mend: 'Let root in by the socket, or by /root/.my.cnf (mode 0600), and give `rootPassword`; then plan again.',
    },
    zh: {
      what: '主机上运行着数据库，但无法以 root 登录：不清楚其中的数据及其复制关系。',
      mend: '请允许 root 通过 socket 或 /root/.my.cnf（权限 0600）登录，并配置 `rootPassword`，然后重新生成计划。',
    },
  },
  'mariadb/broken': {
    en: {
      what: 'The replication of a pair that was made by hand is broken: taking it over would lose rows of one side.',
      mend: 'Mend it on the hosts, or make both stop following and let the standby be seeded.',
    },
    zh: {
      what: '手工建立的主备复制已中断：此时接管会丢失其中一侧的数据行。',
      mend: '请先在主机上修复复制；或让两侧都停止复制，由计划为备库重新灌入数据。',
    },
  },
  'mariadb/client': {
    en: {
      what: 'The database on a host refused a statement, or could not be asked.',
      mend: 'See that mariadb.service runs there, and that root may log in as the site file says (`rootPassword`).',
    },
    zh: {
      what: '主机上的数据库拒绝执行语句，或无法访问。',
      mend: '请确认该主机上的 mariadb.service 正在运行，并且 root 能按站点文件（`rootPassword`）登录。',
    },
  },
  'mariadb/not-level': {
    en: {
      what: 'The pair did not come together in time: commits do not wait for the standby yet, or it does not follow.',
      mend: 'Read what `/etc/holdfast/mariadb/<endpoint>/role status` says on both hosts, then `holdfast resume`.',
    },
    zh: {
      what: '主备未能及时同步：提交尚未等待备库确认，或备库未在跟随主库。',
      mend: '请在两台主机上查看 `/etc/holdfast/mariadb/<端点>/role status`，然后执行 `holdfast resume`。',
    },
  },
  'mariadb/no-space': {
    en: {
      what: 'A standby is seeded beside what it holds, and its file system has no room for both.',
      mend: 'Remove folders of earlier copies (`…-before-seed-…`) that nobody needs, make room, or say `seed: dump`.',
    },
    zh: {
      what: '备库灌入数据时新旧数据并存，而文件系统空间不足。',
      mend: '请删除不再需要的旧数据目录（`…-before-seed-…`）、扩大空间，或使用 `seed: dump`。',
    },
  },
  'mariadb/bad-password': {
    en: {
      what: 'A password has characters that an option file of MariaDB would read as something else.',
      mend: 'Use letters, digits and any of . _ ~ + = / @ % ^ , : - in it.',
    },
    zh: {
      what: '密码中含有会被 MariaDB 选项文件误读的字符。',
      mend: '请只使用字母、数字以及 . _ ~ + = / @ % ^ , : - 这些字符。',
    },
  },
});

/** Something around a MariaDB pair could not be done. */
export class MariadbError extends HoldfastError<keyof typeof mariadbErrors> {}
