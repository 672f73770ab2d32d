/**
 * Gives a standby the primary's data: its files, where both servers read the same ones, else a dump. Writers are not
 * locked. What the standby held before is kept, because an old primary may hold what nobody else has.
 *
 * Nothing is copied where the standby follows already, or has the pair's own table by way of replication. A copy that
 * was cut begins again, whole: `seeding` in the state folder says so, and keeps the agent from following meanwhile.
 */
import { defineReasons } from '../../../base/reason.ts';
import type { Check, StepContext, StepKind } from '../../../engine/step.ts';
import { order } from '../../../engine/steps/parts/run.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import { sh } from '../../../hosts/shell.ts';
import { MariadbError } from '../error.ts';
import { type SeedArgs, seedArgs } from '../seed/args.ts';
import { SWAP_UNIT, seedByBackup } from '../seed/by-backup.ts';
import { seedByDump } from '../seed/by-dump.ts';
import { lookAtFiles, whyNotByBackup } from '../seed/choose.ts';
import { runSql, slaveStatus } from '../sql.ts';

const reasons = defineReasons({
  'mariadb-seed/copy': { en: 'copy the databases of {from}', zh: '复制 {from} 的数据库' },
  'mariadb-seed/level': {
    en: 'it holds the data of {from} already',
    zh: '已包含 {from} 的数据',
  },
  'mariadb-seed/final': {
    en: 'what this node held is replaced (it is kept: a folder beside the new one, or a dump in {state})',
    zh: '本节点原有数据会被替换（原数据会保留：旁边的目录，或 {state} 中的转储）',
  },
});

/** See the top of this file. */
export const mariadbSeed: StepKind<SeedArgs, never> = {
  kind: 'mariadb-seed',
  args: seedArgs,
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

async function check(ctx: StepContext, args: SeedArgs): Promise<Check> {
  const why = await whatIsMissing(ctx, args);
  if (why === undefined)
    return { state: 'done', because: reasons.of('mariadb-seed/level', { from: args.from }) };
  const way = await wayOf(ctx, args);
  const how = way === undefined ? '' : `${way.how}, `;
  return { state: 'todo', diff: { summary: `copy all databases of ${args.from} (${how}${why})` } };
}

/** Undefined where the standby holds the pair's data, and can go on from there. */
async function whatIsMissing(ctx: StepContext, { etc, state }: SeedArgs): Promise<string | undefined> {
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
    const status = await slaveStatus(ctx, ctx.host, `${etc}/local.cnf`);
    const isBroken = (status.get('Last_SQL_Errno') ?? '0') !== '0' || status.get('Last_IO_Errno') === '1236';
    return isBroken
      ? `replication is broken: ${status.get('Last_SQL_Error') || status.get('Last_IO_Error')}`
      : undefined;
  } catch (error) {
    if (error instanceof MariadbError) return 'it does not answer yet';
    throw error;
  }
}

/** Undefined where it is not known yet, because a server does not answer. */
async function wayOf(ctx: StepContext, args: SeedArgs) {
  if (args.how === 'dump') return { how: 'by a dump' };
  const from = await ctx.connect(args.from);
  const [theirs, own] = await Promise.all([
    lookAtFiles(ctx, from, args.etc),
    lookAtFiles(ctx, ctx.host, args.etc),
  ]);
  if (theirs === undefined || own === undefined) return undefined;
  const why = whyNotByBackup({ ...theirs, host: args.from }, { ...own, host: ctx.host.host });
  if (why !== undefined) return { how: `by a dump: ${why}` };
  return {
    how: 'by mariadb-backup',
    folders: { primary: theirs.dataFolder, standby: own.dataFolder },
  };
}

async function apply(ctx: StepContext, args: SeedArgs): Promise<void> {
  await order(ctx, beginCommand(args), {
    what: 'begin the copy',
    hint: `Look at \`systemctl status mariadb.service\` and \`${args.etc}/role status\` on the host.`,
    timeoutMs: args.timeoutMs,
  });
  const way = await wayOf(ctx, args);
  ctx.log.info('seeding', { from: args.from, how: way?.how ?? 'by a dump' });
  if (way?.folders === undefined) await seedByDump(ctx, args);
  else await seedByBackup(ctx, args, way.folders);
  // Whatever it was before, with this data it is a standby: one that led alone once would be free to lead without the other.
  const end = sh`cd ${args.state} && rm -f diverged alone && echo standby >role && sync && rm -f seeding && sync`;
  await order(ctx, end, { what: 'end the copy', hint: 'Look at the disk of the host.' });
}

/**
 * From here on the agent waits. A copy that was cut has said already how far it was; where it was cut in the middle of the
 * swap, the server's start has that finished, and only then is it over.
 */
function beginCommand({ etc, state }: SeedArgs) {
  return sh`set -e; umask 077; mkdir -p ${state}; cd ${state}
[ -e seeding ] || : >seeding; sync
systemctl is-active -q mariadb.service || systemctl start mariadb.service
if [ -e ${SWAP_UNIT} ]; then rm -f ${SWAP_UNIT}; systemctl daemon-reload; fi
rm -f swap ready; sync
$(command -v mariadb || command -v mysql) --defaults-file=${etc}/local.cnf -e 'STOP SLAVE; RESET SLAVE ALL'`;
}
