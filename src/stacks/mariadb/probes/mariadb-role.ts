/**
 * What a member is: the primary that takes commits, or a standby that follows and holds everything. Asked over the
 * network by the monitor's account. `wanted: standby` is the parity condition before a switch or a failback.
 */
import { z } from 'zod';
import { messageOf } from '../../../base/errors.ts';
import { throwIfAborted } from '../../../base/interrupt.ts';
import { defineReasons, joinReasons } from '../../../base/reason.ts';
import type { ProbeContext, ProbeKind, ProbeResult } from '../../../probes/probe.ts';
import { beginAsking } from '../../../probes/verdict/evidence.ts';
import { runReasons } from '../../../probes/verdict/run-reasons.ts';
import { say } from '../../../site/described.ts';
import { hostAddress, port, secretRef } from '../../../site/values.ts';
import { openSession, type Row } from '../wire/client.ts';

const args = z.strictObject({
  port: say(port().default(3306), 'Port of the database.', '数据库端口。'),
  user: say(z.string().min(1), 'Account of the monitor.', '监控账号。'),
  password: say(secretRef(), 'Its password, by reference.', '密码（引用）。'),
  primary: say(
    hostAddress().optional(),
    'Address of the primary whose commits it must all hold. Default: either role is well.',
    '必须持有其全部提交的主库地址。默认两种角色均可。',
  ),
});
export type MariadbRoleArgs = z.infer<typeof args>;

const own = defineReasons({
  'mariadb-role/primary': {
    en: '{member} is primary at {position}; commits wait for {standbys} standby',
    zh: '{member} 为主库，位于 {position}；提交等待 {standbys} 个备库',
  },
  'mariadb-role/alone': {
    en: '{member} is primary and alone: what it commits is on one host',
    zh: '{member} 为主库且单独运行：其提交只在一台主机上',
  },
  'mariadb-role/standby': {
    en: '{member} follows {primary} and is {lag}s behind, at {position}',
    zh: '{member} 跟随 {primary}，延迟 {lag} 秒，位于 {position}',
  },
  'mariadb-role/not-following': {
    en: '{member} is read-only and does not follow: {detail}',
    zh: '{member} 只读且未在跟随：{detail}',
  },
  'mariadb-role/behind': {
    en: '{member} is at {position}, {primary} at {wanted}',
    zh: '{member} 位于 {position}，而 {primary} 位于 {wanted}',
  },
  'mariadb-role/silent': {
    en: '{member} does not answer: {detail}',
    zh: '{member} 没有应答：{detail}',
  },
});

const MOST_TRIES = 5;
const TRY_EVERY_MS = 50;
const STATE = `SELECT @@read_only AS read_only, @@gtid_binlog_pos AS position, @@gtid_slave_pos AS applied,
(SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME='RPL_SEMI_SYNC_MASTER_STATUS') AS semi,
(SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME='RPL_SEMI_SYNC_MASTER_CLIENTS') AS clients,
(SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME='RPL_SEMI_SYNC_SLAVE_STATUS') AS receiver`;

/** See the top of this file. */
export const mariadbRole: ProbeKind<MariadbRoleArgs> = {
  kind: 'mariadb-role',
  summary: {
    en: 'a MariaDB server is a primary, or a standby that follows and is level',
    zh: 'MariaDB 服务器是主库，或正在跟随且同步的备库',
  },
  args,
  reasons: joinReasons(runReasons, own),
  title: ({ port: at }, { address }) => `role of ${address}:${at}`,
  run,
};

async function run(ctx: ProbeContext, given: MariadbRoleArgs): Promise<ProbeResult> {
  const { member } = ctx.target;
  const expected =
    given.primary === undefined ? 'a primary, or a standby that follows' : `all that ${given.primary} has`;
  const asking = beginAsking(ctx.clock, mariadbRole.title(given, ctx.target), expected);
  try {
    const wanted =
      given.primary === undefined ? undefined : (await look(ctx, given, given.primary)).state.position;
    const { state, slave } = await lookUntil(ctx, given, wanted);
    const got = describe(state, slave);
    const position = state.position ?? '';
    if (state.read_only === '0') {
      const isAlone = state.semi !== 'ON' || state.clients === '0';
      const because = own.of('mariadb-role/primary', { member, position, standbys: state.clients ?? '0' });
      return asking.up(got, because, isAlone ? [own.of('mariadb-role/alone', { member })] : []);
    }
    if (slave?.Slave_IO_Running !== 'Yes' || slave.Slave_SQL_Running !== 'Yes') {
      const detail = slave?.Last_SQL_Error || slave?.Last_IO_Error || 'no replication threads';
      return asking.down(got, own.of('mariadb-role/not-following', { member, detail }));
    }
    const primary = slave.Master_Host ?? '';
    if (wanted !== undefined && receivedBy(state, slave) < sequenceOf(wanted))
      return asking.down(got, own.of('mariadb-role/behind', { member, primary, position, wanted }));
    const lag = slave.Seconds_Behind_Master ?? '?';
    return asking.up(got, own.of('mariadb-role/standby', { member, primary, lag, position }));
  } catch (error) {
    throwIfAborted(ctx.signal);
    const detail = messageOf(error);
    return asking.down(detail, own.of('mariadb-role/silent', { member, detail }));
  }
}

/** Asked again for a moment: what the primary has just written is on its way. */
async function lookUntil(ctx: ProbeContext, given: MariadbRoleArgs, wanted: string | undefined) {
  for (let tries = 0; ; tries++) {
    const found = await look(ctx, given, ctx.target.address);
    const isThere = wanted === undefined || receivedBy(found.state, found.slave) >= sequenceOf(wanted);
    if (isThere || tries === MOST_TRIES) return found;
    await ctx.clock.sleep(TRY_EVERY_MS, ctx.signal);
  }
}

/** What it has received it applies before it leads. */
function receivedBy(state: Row, slave: Row | undefined): number {
  return Math.max(sequenceOf(state.position ?? ''), sequenceOf(slave?.Gtid_IO_Pos ?? ''));
}

async function look(ctx: ProbeContext, { port: at, user, password }: MariadbRoleArgs, host: string) {
  const secret = await ctx.secret(password);
  using session = await openSession({ host, port: at, user, password: secret.reveal() }, ctx.signal);
  const [state = {}] = await session.query(STATE);
  const [slave] = await session.query('SHOW SLAVE STATUS');
  return { state, slave };
}

/** Role, position, semi-synchronous state of that role, threads and lag. */
function describe(state: Row, slave: Row | undefined): string {
  const is = `read_only=${state.read_only}, GTID ${state.position}`;
  const acknowledged = `commits wait for an acknowledgement: ${state.semi}, ${state.clients} acknowledging`;
  if (slave === undefined) return `${is}; ${acknowledged}; follows nobody`;
  const acknowledges = `acknowledges: ${state.receiver}`;
  const threads = `IO ${slave.Slave_IO_Running}, SQL ${slave.Slave_SQL_Running}`;
  const lag = `${slave.Seconds_Behind_Master ?? '?'}s behind ${slave.Master_Host}`;
  const got = `GTID received ${slave.Gtid_IO_Pos}, applied ${state.applied}`;
  return `${is}; ${state.read_only === '0' ? acknowledged : acknowledges}; ${threads}, ${lag}, ${got}`;
}

/** The last number of a GTID; of several domains the sum, which grows with each. */
function sequenceOf(position: string): number {
  return position.split(',').reduce((sum, gtid) => sum + Number(gtid.split('-')[2] ?? 0), 0);
}
