/**
 * The pair as the Cloudpods runbook has people make it, line by line: its my.cnf, its dump, its positions, its
 * keepalived. Where Debian differs from CentOS (paths, names of units) Debian's are used.
 */
import type { Lab } from '../src/lab/lab.ts';
import { MARIADB_VIP } from './mariadb-pair.ts';
import { RUNBOOK_CHECK, RUNBOOK_ROLES, runbookConf } from './runbook-keepalived.ts';
import { until } from './until.ts';

export const RUNBOOK_PASSWORD = '123456';
const ADDRESSES = { db1: '10.78.1.11', db2: '10.78.1.12' } as const;
type Host = keyof typeof ADDRESSES;

/** Builds it on fresh lab hosts db1 and db2, and gives the ledger's account the rights it needs. */
export async function buildRunbookPair(lab: Lab): Promise<void> {
  for (const host of ['db1', 'db2'] as const) await configure(lab, host);
  const root = `mysql -uroot`;
  await must(
    lab,
    'db1',
    `${root} -e "GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' IDENTIFIED BY '123456' WITH GRANT OPTION; GRANT ALL PRIVILEGES ON *.* TO 'cloudpods'@'%' IDENTIFIED BY '123456'; GRANT REPLICATION SLAVE ON *.* TO repl@'%' IDENTIFIED BY '123456'; FLUSH PRIVILEGES"`,
  );
  const master = await position(lab, 'db1');
  const dump = await must(lab, 'db1', 'mysqldump --all-databases');
  await must(lab, 'db2', root, dump);
  await must(lab, 'db2', `${root} -e "FLUSH PRIVILEGES"`);
  const standby = await position(lab, 'db2');
  await follow(lab, 'db1', ADDRESSES.db2, standby);
  await follow(lab, 'db2', ADDRESSES.db1, master);
  for (const host of ['db1', 'db2'] as const) await startKeepalived(lab, host);
  await until(
    async () => (await lab.exec('db1', 'ip addr show host0')).stdout.includes(MARIADB_VIP),
    'db1 has the address',
    30_000,
  );
}

async function configure(lab: Lab, host: Host): Promise<void> {
  const id = host === 'db1' ? 1 : 2;
  const conf = `[mysqld]
skip_name_resolve
bind-address = 0.0.0.0
expire_logs_days=30
innodb_file_per_table=ON
max_connections = 300
server-id = ${id}
auto_increment_offset = ${id}
auto_increment_increment = 2
log-bin = mysql-bin
binlog-format = row
log-slave-updates
max_binlog_size = 1G
replicate-ignore-db = information_schema
replicate-ignore-db = performance_schema
max_connections = 1000
max_connect_errors = 0
max_allowed_packet = 1G
slave-net-timeout=10
master-retry-count=0
slow_query_log = 1
long_query_time = 2
`;
  await must(lab, host, 'cat > /etc/mysql/mariadb.conf.d/99-runbook.cnf', conf);
  await must(lab, host, 'systemctl enable --now mariadb');
}

async function position(lab: Lab, host: Host): Promise<readonly [file: string, position: string]> {
  const [file = '', at = ''] = (await must(lab, host, 'mysql -uroot -N -e "SHOW MASTER STATUS"')).split('\t');
  return [file, at];
}

async function follow(
  lab: Lab,
  host: Host,
  master: string,
  [file, at]: readonly [string, string],
): Promise<void> {
  await must(
    lab,
    host,
    `mysql -uroot -e "CHANGE MASTER TO MASTER_HOST='${master}',MASTER_USER='repl',MASTER_PASSWORD='123456',MASTER_PORT=3306,MASTER_LOG_FILE='${file}',MASTER_LOG_POS=${at},MASTER_CONNECT_RETRY=2;START SLAVE"`,
  );
}

async function startKeepalived(lab: Lab, host: Host): Promise<void> {
  const conf = runbookConf({ ...RUNBOOK_ROLES[host], interface: 'host0', vip: MARIADB_VIP });
  await must(lab, host, 'cat > /etc/keepalived/keepalived.conf', conf);
  await must(lab, host, `cat > ${RUNBOOK_CHECK.path}`, RUNBOOK_CHECK.text);
  await must(
    lab,
    host,
    `chmod +x ${RUNBOOK_CHECK.path}; sysctl -qw net.ipv4.ip_nonlocal_bind=1; systemctl enable --now keepalived`,
  );
}

async function must(lab: Lab, host: Host, command: string, stdin?: string): Promise<string> {
  const { code, stdout, stderr } = await lab.exec(host, command, {
    ...(stdin === undefined ? {} : { stdin }),
    timeoutMs: 120_000,
  });
  if (code !== 0) throw new Error(`${host}: ${command.slice(0, 80)}: ${stderr}`);
  return stdout;
}
