import { defineReasons } from '../../base/reason.ts';

/** What the stack's plan and its findings say. */
export const reasons = defineReasons({
  'mariadb/packages': { en: 'server, client and what TLS needs', zh: '服务端、客户端及 TLS 所需工具' },
  'mariadb/folder': { en: 'scripts, keys and state of the pair lie in it', zh: '存放主备的脚本、密钥与状态' },
  'mariadb/certificate': { en: 'what the nodes send each other is encrypted', zh: '节点之间的传输须加密' },
  'mariadb/trust': {
    en: 'each node trusts the other’s certificate and no other',
    zh: '每个节点只信任对端的证书',
  },
  'mariadb/options': {
    en: 'the agent logs in by it; for root only',
    zh: '代理由此登录；仅 root 可读',
  },
  'mariadb/config': {
    en: 'GTID, commits that wait for the standby, read-only until the agent says otherwise',
    zh: '启用 GTID 与半同步；由代理决定何时解除只读',
  },
  'mariadb/config-later': {
    en: 'the same; the server reads it when it becomes primary, in its only restart',
    zh: '同上；服务器在成为主库时（唯一一次重启）才读取',
  },
  'mariadb/address-stays': {
    en: 'the address stays with the primary while the standby is being changed: it is read-only meanwhile',
    zh: '改造备库期间地址留在主库：此时备库只读',
  },
  'mariadb/run': { en: 'the database runs', zh: '数据库处于运行状态' },
  'mariadb/agent': {
    en: 'roles are kept on the hosts, whether or not Holdfast runs',
    zh: '无论 Holdfast 是否运行，主机自行维护角色',
  },
  'mariadb/hook': {
    en: 'the address and the role move together: {path}',
    zh: '地址与角色一起切换：{path}',
  },
  'mariadb/witness': {
    en: 'a third host says who may go on alone when the two cannot see each other',
    zh: '两节点互不可见时，由第三台主机裁定谁可以单独继续',
  },
  'mariadb/lead': { en: 'somebody has to be primary first', zh: '须先确定主库' },
  'mariadb/harden': {
    en: 'as mysql_secure_installation does; accounts of the site file log in from nowhere else',
    zh: '等同于 mysql_secure_installation；站点文件中的账号不得从其他地址登录',
  },
  'mariadb/accounts': {
    en: 'replication from the peer only, the platform from its networks only',
    zh: '复制账号仅限对端，平台账号仅限其网段',
  },
  'mariadb/adopt': {
    en: 'a pair made by hand goes on without a copy, and without losing a row of either',
    zh: '手工建立的主备直接接管：不复制数据，两侧的数据行都不丢失',
  },
  'mariadb/seed': { en: 'the standby begins with the primary’s data', zh: '备库从主库的数据开始' },
  'mariadb/together': {
    en: 'from here on an acknowledged commit is on both',
    zh: '此后每个已确认的提交都在两台主机上',
  },
  'mariadb/found-duplicate': {
    en: '{host}: {path} has {key} {count} times (lines {lines}); the last one counts',
    zh: '{host}：{path} 中 {key} 出现 {count} 次（第 {lines} 行），以最后一个为准',
  },
  'mariadb/found-no-log-slave-updates': {
    en: '{host}: log_slave_updates is off: what it takes over from the other is not in its own log',
    zh: '{host}：log_slave_updates 未启用：从对端复制的内容不会写入自己的日志',
  },
  'mariadb/found-same-server-id': {
    en: 'both servers have server_id {id}: replication between them stops, or loops',
    zh: '两台服务器的 server_id 都是 {id}：它们之间的复制会中断或循环',
  },
  'mariadb/found-same-offset': {
    en: 'both servers have auto_increment_offset {offset}: rows inserted on both get the same keys',
    zh: '两台服务器的 auto_increment_offset 都是 {offset}：两边插入的行会得到相同的主键',
  },
  'mariadb/found-file-position': {
    en: '{host}: follows {peer} by file and position; after a failover nobody knows where to go on',
    zh: '{host}：按文件和位置跟随 {peer}；故障切换后无法得知从何处继续',
  },
  'mariadb/found-asynchronous': {
    en: '{host}: commits do not wait for the standby: a failover loses what it had not received',
    zh: '{host}：提交不等待备库：故障切换会丢失备库尚未收到的内容',
  },
  'mariadb/found-not-durable': {
    en: '{host}: {name} = {value}: a power cut loses acknowledged commits',
    zh: '{host}：{name} = {value}：断电会丢失已确认的提交',
  },
  'mariadb/found-open-account': {
    en: '{host}: {account} needs no password',
    zh: '{host}：{account} 无需密码',
  },
  'mariadb/found-past-read-only': {
    en: '{host}: {account} writes on a read-only server, too: what it writes on the standby is lost',
    zh: '{host}：{account} 在只读服务器上也能写入：写到备库的数据会丢失',
  },
  'mariadb/found-anywhere': {
    en: '{host}: {account} may log in from everywhere',
    zh: '{host}：{account} 可从任何地址登录',
  },
  'mariadb/found-both-write': {
    en: 'both servers take writes: whoever reaches the wrong one loses them at the next failover',
    zh: '两台服务器都可写：写到错误一侧的数据会在下次故障切换时丢失',
  },
  'mariadb/plan-mends': { en: 'The plan mends it.', zh: '该计划会修正。' },
  'mariadb/by-hand': {
    en: 'Find out who uses it; give the platform an account of its own (`platform:`), then drop this one: `DROP USER`.',
    zh: '请先确认谁在使用；为平台配置单独的账号（`platform:`）后，用 `DROP USER` 删除此账号。',
  },
});
