/**
 * Gives a standby the primary's data: a dump in one consistent snapshot, streamed from the primary over TLS straight
 * into the standby. Writers are not locked: the snapshot and its GTID come from one transaction (MariaDB's own
 * `START TRANSACTION WITH CONSISTENT SNAPSHOT`), whatever the size. What the standby held before is kept as a dump
 * beside the state of the pair, because an old primary may hold what nobody else has.
 *
 * Nothing is copied where the standby follows already, or has the pair's own table by way of replication.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { defineReasons } from '../../../base/reason.ts';
import { Secret } from '../../../base/secret.ts';
import type { Check, StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath, timeLimitMs } from '../../../engine/steps/parts/arguments.ts';
import { order, tidyUp } from '../../../engine/steps/parts/run.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import { script, sh } from '../../../hosts/shell.ts';
import { hostAddress, port } from '../../../site/values.ts';
import { MariadbError } from '../error.ts';
import { literal, runSql } from '../sql.ts';

const mariadbSeedArgs = z.strictObject({
  etc: absolutePath(),
  state: absolutePath(),
  tls: absolutePath(),
  /** The primary, and where it is reached. */
  from: z.string().min(1),
  address: hostAddress(),
  /** Whom the primary sees. */
  own: hostAddress(),
  port: port(),
  timeoutMs: timeLimitMs(6 * 3_600_000),
});
type Args = z.infer<typeof mariadbSeedArgs>;

const reasons = defineReasons({
  'mariadb-seed/copy': { en: 'copy the databases of {from}', zh: '复制 {from} 的数据库' },
  'mariadb-seed/level': {
    en: 'it holds the data of {from} already',
    zh: '已包含 {from} 的数据',
  },
  'mariadb-seed/final': {
    en: 'what this node held is replaced (a dump of it is kept in {state})',
    zh: '本节点原有数据会被替换（其转储保留在 {state}）',
  },
});

const ACCOUNT = 'holdfast_seed';

/** See the top of this file. */
export const mariadbSeed: StepKind<Args, never> = {
  kind: 'mariadb-seed',
  args: mariadbSeedArgs,
  reasons,
  retrySafe: true,
  removes: () => true,
  title: ({ from }) => reasons.of('mariadb-seed/copy', { from }),
  check,
  apply,
  async verify(ctx, args) {
    const startMs = ctx.clock.monotonicMs();
    const why = await whatIsMissing(ctx, args);
    if (why !== undefined) throw notAsWanted('the copy', `the data of ${args.from}`, why);
    const [row] = await runSql(ctx, ctx.host, `${args.etc}/local.cnf`, 'SELECT @@gtid_slave_pos;');
    const tookMs = ctx.clock.monotonicMs() - startMs;
    return { asked: '@@gtid_slave_pos', got: row?.[0] ?? '', at: ctx.clock.now(), tookMs };
  },
  undo: { final: reasons.of('mariadb-seed/final', { state: '/var/lib/holdfast/mariadb' }) },
};

async function check(ctx: StepContext, args: Args): Promise<Check> {
  const why = await whatIsMissing(ctx, args);
  if (why === undefined)
    return { state: 'done', because: reasons.of('mariadb-seed/level', { from: args.from }) };
  return { state: 'todo', diff: { summary: `copy all databases of ${args.from} (${why})` } };
}

/** Undefined where the standby holds the pair's data, and can go on from there. */
async function whatIsMissing(ctx: StepContext, { etc, state }: Args): Promise<string | undefined> {
  const cut = await ctx.host.files.stat(`${state}/seeding`, ctx.signal);
  if (cut !== undefined) return 'an earlier copy was cut';
  const diverged = await ctx.host.files.stat(`${state}/diverged`, ctx.signal);
  if (diverged !== undefined) return 'it has transactions that the primary does not have';
  try {
    const [row] = await runSql(
      ctx,
      ctx.host,
      `${etc}/local.cnf`,
      "SELECT COUNT(*), @@gtid_slave_pos, @@gtid_binlog_pos FROM information_schema.TABLES WHERE TABLE_SCHEMA='holdfast' AND TABLE_NAME='lead';",
    );
    if (row?.[0] !== '1') return 'it is no part of the pair yet';
    const rows = await runSql(ctx, ctx.host, `${etc}/local.cnf`, 'SHOW SLAVE STATUS;', undefined, 'vertical');
    const status = new Map(rows.map(([name = '', value = '']) => [name, value]));
    const isBroken = (status.get('Last_SQL_Errno') ?? '0') !== '0' || status.get('Last_IO_Errno') === '1236';
    return isBroken
      ? `replication is broken: ${status.get('Last_SQL_Error') || status.get('Last_IO_Error')}`
      : undefined;
  } catch (error) {
    if (error instanceof MariadbError) return 'it does not answer yet';
    throw error;
  }
}

async function apply(ctx: StepContext, args: Args): Promise<void> {
  const primary = await ctx.connect(args.from);
  const options = `${args.etc}/local.cnf`;
  const name = `${literal(ACCOUNT)}@${literal(args.own)}`;
  // Known to this step alone, and gone with it.
  const password = randomBytes(24).toString('hex');
  const make = `SET SESSION sql_log_bin=0; DROP USER IF EXISTS ${name}; CREATE USER ${name} IDENTIFIED BY '${password}' REQUIRE SSL; GRANT ALL PRIVILEGES ON *.* TO ${name};`;
  await runSql(ctx, primary, options, new Secret('seed', make));
  try {
    await ctx.host.files.replace(
      `${args.etc}/seed.cnf`,
      new Secret('seed', seedOptions(args, password)),
      { mode: 0o600, owner: 'root', group: 'root' },
      ctx.signal,
    );
    await order(ctx, seedCommand(args), {
      what: `copy the databases of ${args.from}`,
      hint: `See ${args.state}/seed.log on the host; \`holdfast resume\` begins the copy again.`,
      timeoutMs: args.timeoutMs,
    });
  } finally {
    await tidyUp(ctx, 'remove the account of the copy', async (signal) => {
      await ctx.host.files.remove(`${args.etc}/seed.cnf`, signal);
      await runSql({ signal }, primary, options, `SET SESSION sql_log_bin=0; DROP USER IF EXISTS ${name};`);
    });
  }
}

function seedOptions({ address, own, port: at, tls }: Args, password: string): string {
  return `# own=${own}
[client]
host=${address}
port=${at}
user=${ACCOUNT}
password=${password}
ssl-ca=${tls}/peer.pem
ssl-cert=${tls}/own.pem
ssl-key=${tls}/own.key
`;
}

/**
 * Keeps what is there, empties the node, and streams. `gtid_slave_pos` is set by the dump itself (`--gtid`), at the
 * snapshot's place; the agent goes on from there. `seeding` stays where the copy is cut: then it is not whole.
 */
function seedCommand({ etc, state }: Args) {
  return sh`set -e
umask 077
mkdir -p ${state}
cd ${state}
: >seeding; sync
c=$(command -v mariadb || command -v mysql); d=$(command -v mariadb-dump || command -v mysqldump)
here=--defaults-file=${etc}/local.cnf
foreign="SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('information_schema','performance_schema','mysql','sys')"
"$c" "$here" -e 'STOP SLAVE; RESET SLAVE ALL'
if "$c" "$here" -N -B -e "$foreign" | grep -qvx 'test\|holdfast'; then
  kept=before-seed-$(date -u +%Y%m%dT%H%M%SZ).sql
  "$d" "$here" --all-databases --single-transaction --routines --events --triggers >"$kept" 2>seed.log
  gzip -f "$kept" && sync
fi
"$c" "$here" -N -B -e "$foreign" | while read -r db; do
  printf 'SET SESSION sql_log_bin=0; DROP DATABASE \`%s\`;\n' "$db"
done | "$c" "$here"
"$c" "$here" -e "RESET MASTER; SET GLOBAL gtid_slave_pos=''"
rm -f seed.failed
{ "$d" --defaults-file=${etc}/seed.cnf --all-databases --single-transaction --gtid --master-data=1 --routines --events --triggers --hex-blob --max-allowed-packet=1G 2>seed.log || : >seed.failed; } |
  "$c" "$here" --init-command='SET SESSION sql_log_bin=0' --max-allowed-packet=1G
if [ -e seed.failed ]; then tail -n 1 seed.log >&2; exit 1; fi
"$c" "$here" -e "SET SESSION sql_log_bin=0; FLUSH PRIVILEGES; DROP USER IF EXISTS ${script(ACCOUNT)}@'$(sed -n 's/^# own=//p' ${etc}/seed.cnf)'"
rm -f diverged seeding; sync`;
}
