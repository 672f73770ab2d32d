/**
 * Whether the standby has the rows that the primary has, of chosen tables, row by row. Asked over the network by the
 * monitor's account. A primary has nobody to be compared with; the address that clients use leads to it.
 */
import { z } from 'zod';
import { messageOf } from '../../../base/errors.ts';
import { throwIfAborted } from '../../../base/interrupt.ts';
import { defineReasons, joinReasons, type Reason } from '../../../base/reason.ts';
import type { ProbeContext, ProbeKind, ProbeResult } from '../../../probes/probe.ts';
import { beginAsking } from '../../../probes/verdict/evidence.ts';
import { runReasons } from '../../../probes/verdict/run-reasons.ts';
import { say } from '../../../site/described.ts';
import { hostAddress, port, secretRef } from '../../../site/values.ts';
import { shownName, type Table } from '../checksum/chunk.ts';
import { type Compared, compareTable, findTables } from '../checksum/compare.ts';
import { openSession, type Session } from '../wire/client.ts';

const args = z.strictObject({
  port: say(port().default(3306), 'Port of the database.', '数据库端口。'),
  user: say(z.string().min(1), 'Account of the monitor.', '监控账号。'),
  password: say(secretRef(), 'Its password, by reference.', '密码（引用）。'),
  tables: say(z.array(z.string()).min(1), '`database.table`, or `database.*`.', '`库.表` 或 `库.*`。'),
  members: say(z.array(hostAddress()), 'Addresses of both servers.', '两台服务器的地址。'),
});
export type MariadbChecksumArgs = z.infer<typeof args>;

const own = defineReasons({
  'mariadb-checksum/same': {
    en: '{member} has the same rows as {primary}: {tables}',
    zh: '{member} 与 {primary} 的数据行一致：{tables}',
  },
  'mariadb-checksum/differs': {
    en: '{member} has other rows than {primary}: {tables}',
    zh: '{member} 与 {primary} 的数据行不一致：{tables}',
  },
  'mariadb-checksum/is-primary': {
    en: '{member} is the primary; its standby is compared with it',
    zh: '{member} 为主库；由备库与之比较',
  },
  'mariadb-checksum/cut': {
    en: '{table}: only {rows} rows were compared in the time there is',
    zh: '{table}：在限定时间内只比较了 {rows} 行',
  },
  'mariadb-checksum/unsettled': {
    en: '{table}: {pieces} pieces changed at every look and were not compared',
    zh: '{table}：{pieces} 段数据一直在变化，未能比较',
  },
  'mariadb-checksum/no-table': {
    en: 'there is no table {table} on {primary}, or the monitor may not read it',
    zh: '{primary} 上没有表 {table}，或监控账号无权读取',
  },
  'mariadb-checksum/failed': {
    en: '{member} could not be compared: {detail}',
    zh: '无法比较 {member}：{detail}',
  },
});

/** What is left of the deadline for the last piece and for saying so. */
const SPARE = 0.2;

/** See the top of this file. */
export const mariadbChecksum: ProbeKind<MariadbChecksumArgs> = {
  kind: 'mariadb-checksum',
  summary: {
    en: 'a MariaDB standby has the same rows as its primary, of chosen tables',
    zh: 'MariaDB 备库的指定表与主库逐行一致',
  },
  args,
  reasons: joinReasons(runReasons, own),
  title: ({ tables }, { address }) => `rows of ${tables.join(', ')} on ${address}`,
  run,
};

async function run(ctx: ProbeContext, given: MariadbChecksumArgs): Promise<ProbeResult> {
  const { member, address } = ctx.target;
  const asking = beginAsking(ctx.clock, mariadbChecksum.title(given, ctx.target), 'the rows of the primary');
  try {
    using standby = await open(ctx, given, address);
    const [{ ro } = {}] = await standby.query('SELECT @@read_only AS ro');
    if (ro === '0') return asking.up('read_only=0', own.of('mariadb-checksum/is-primary', { member }));
    const other = given.members.find((each) => each !== address) ?? '';
    using primary = await open(ctx, given, other);
    const pairing = {
      primary,
      standby,
      clock: ctx.clock,
      signal: ctx.signal,
      endMs: ctx.clock.monotonicMs() + ctx.timeoutMs * (1 - SPARE),
    };
    const found: Found = { same: [], differing: [], warnings: [] };
    for (const name of given.tables) {
      const tables = await findTables(primary, name);
      if (tables.length === 0)
        found.warnings.push(own.of('mariadb-checksum/no-table', { table: name, primary: other }));
      for (const table of tables) note(found, table, await compareTable(pairing, table));
    }
    const [{ position } = {}] = await standby.query('SELECT @@gtid_slave_pos AS position');
    const tables = [...found.differing, ...found.same];
    const got = `${tables.join('; ')}; at ${position}`;
    if (found.differing.length > 0) {
      const params = { member, primary: other, tables: found.differing };
      return asking.down(got, own.of('mariadb-checksum/differs', params));
    }
    const because = own.of('mariadb-checksum/same', { member, primary: other, tables });
    return asking.up(got, because, found.warnings);
  } catch (error) {
    throwIfAborted(ctx.signal);
    const detail = messageOf(error);
    return asking.down(detail, own.of('mariadb-checksum/failed', { member, detail }));
  }
}

interface Found {
  readonly same: string[];
  readonly differing: string[];
  readonly warnings: Reason[];
}

function note(found: Found, which: Table, { rows, isWhole, unsettled, difference }: Compared): void {
  const table = shownName(which);
  if (difference !== undefined) {
    const { where, primaryRows, standbyRows } = difference;
    const there = standbyRows === undefined ? 'no such table' : `${standbyRows} rows`;
    found.differing.push(`${table} (${where}: ${primaryRows} rows on the primary, ${there} here)`);
    return;
  }
  found.same.push(`${table} ${rows} rows`);
  if (!isWhole) found.warnings.push(own.of('mariadb-checksum/cut', { table, rows }));
  if (unsettled > 0) found.warnings.push(own.of('mariadb-checksum/unsettled', { table, pieces: unsettled }));
}

/** Times in one zone, so that a TIMESTAMP is the same text on both. */
async function open(
  ctx: ProbeContext,
  { port: at, user, password }: MariadbChecksumArgs,
  host: string,
): Promise<Session> {
  const secret = await ctx.secret(password);
  const session = await openSession({ host, port: at, user, password: secret.reveal() }, ctx.signal);
  await session.query("SET time_zone = '+00:00'");
  return session;
}
