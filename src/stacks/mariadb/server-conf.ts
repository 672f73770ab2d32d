/**
 * The server's configuration. Every figure of the runbook's my.cnf is here; what it lacked, or had twice, is put right.
 * Pure.
 */
import type { Node, PairPaths } from './pair.ts';
import type { MariadbSpec } from './schema.ts';

export type Family = 'debian' | 'redhat';

/** Read last of its folder, so that it wins over what is there. */
export const CONF_PATHS: Readonly<Record<Family, string>> = {
  debian: '/etc/mysql/mariadb.conf.d/90-holdfast.cnf',
  redhat: '/etc/my.cnf.d/zz-holdfast.cnf',
};
/** Where the slow query log is. */
export const LOG_FOLDERS: Readonly<Record<Family, string>> = {
  debian: '/var/log/mysql',
  redhat: '/var/log/mariadb',
};

/**
 * Under `stop`, and with a witness until that agrees, a commit waits for good; the server's own limit is this many
 * milliseconds, seven weeks.
 */
const FOR_GOOD_MS = 4_294_967_295;
const DAY_MS = 86_400_000;

/** How long the server lets a commit wait for the standby. */
export function waitMs({ availability, ackTimeout, witness }: MariadbSpec): number {
  return availability === 'stop' || witness !== undefined ? FOR_GOOD_MS : ackTimeout;
}

/** The drop-in of one node. @param bufferPool as MariaDB writes sizes: `512M` */
export function serverConf(
  spec: MariadbSpec,
  node: Node,
  paths: PairPaths,
  family: Family,
  bufferPool: string,
): string {
  return `# Written by Holdfast for ${node.member.name}, peer ${node.peer.name}.
[mysqld]
# Who it is. Both nodes write with an offset of their own, should both ever write.
server_id = ${node.number}
auto_increment_increment = 2
auto_increment_offset = ${node.number}
bind_address = 0.0.0.0
port = ${spec.port}
skip_name_resolve = 1

# A server that starts is nobody's primary: the role agent alone lifts this.
read_only = 1
skip_slave_start = 1

# An acknowledged commit is on disk here …
sync_binlog = 1
innodb_flush_log_at_trx_commit = 1
innodb_file_per_table = 1
# … and received by the standby before anybody can see it. The agent turns it on with a promotion: a standby that writes
# what it receives into a log of its own would wait for somebody, too.
rpl_semi_sync_master_enabled = 0
rpl_semi_sync_master_wait_point = AFTER_SYNC
rpl_semi_sync_master_timeout = ${waitMs(spec)}
rpl_semi_sync_master_wait_no_slave = 1
# The agent turns it on as it starts to follow: at start it would let recovery drop what was not acknowledged.
rpl_semi_sync_slave_enabled = 0

log_bin = mysql-bin
binlog_format = ROW
binlog_row_image = FULL
max_binlog_size = 1G
expire_logs_days = ${Math.round(spec.keepBinlogs / DAY_MS)}
gtid_domain_id = 0
gtid_strict_mode = 1

# As a standby. Its own log has everything, too: so the other can follow it.
log_slave_updates = 1
relay_log = relay-bin
relay_log_recovery = 1
slave_net_timeout = 10
master_retry_count = 0
# More than clients commit at a time: what it has not applied yet, a promotion waits for. Eight writers left four threads
# 0.1 to 0.3 s behind, and sixteen nothing.
slave_parallel_threads = 16

# No databases: they lie in a data folder that is a file system itself.
ignore_db_dirs = lost+found
ignore_db_dirs = .holdfast-seed

innodb_buffer_pool_size = ${bufferPool}
max_connections = ${spec.maxConnections}
max_connect_errors = 4294967295
max_allowed_packet = 1G

slow_query_log = 1
long_query_time = 2
slow_query_log_file = ${LOG_FOLDERS[family]}/slow-query.log

ssl_cert = ${paths.tls}/own.pem
ssl_key = ${paths.tls}/own.key
ssl_ca = ${paths.tls}/peer.pem

[mysql]
no-auto-rehash
`;
}

/** Half of the memory, in whole mebibytes, never less than InnoDB's own default. */
export function bufferPoolOf(memoryBytes: readonly number[]): string {
  const least = memoryBytes.length === 0 ? 0 : Math.min(...memoryBytes);
  return `${Math.max(128, Math.floor(least / 2 / 1_048_576))}M`;
}
