/**
 * Takes a pair over that follows by file and position (the runbook's master-master): the standby catches up the old
 * way, the primary ceases to follow the standby, and the standby forgets its own history, so that from then on both
 * have one: the primary's, by GTID. No data is copied. The agent does the rest.
 */
import { z } from 'zod';
import { defineReasons } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath, timeLimitMs } from '../../../engine/steps/parts/arguments.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import type { Connection } from '../../../hosts/host.ts';
import { MariadbError } from '../error.ts';
import { literal, runSql } from '../sql.ts';

const mariadbAdoptArgs = z.strictObject({
  etc: absolutePath(),
  from: z.string().min(1),
  timeoutMs: timeLimitMs(3_600_000),
});
type Args = z.infer<typeof mariadbAdoptArgs>;

const reasons = defineReasons({
  'mariadb-adopt/gtid': {
    en: 'follow {from} by GTID instead of file and position',
    zh: '改为按 GTID（而不是文件和位置）跟随 {from}',
  },
  'mariadb-adopt/nothing': { en: 'nothing follows by file and position', zh: '没有按文件和位置的复制' },
  'mariadb-adopt/final': {
    en: 'the standby’s own binary logs are emptied, and the primary no longer follows it',
    zh: '备库自己的二进制日志会被清空，主库不再跟随备库',
  },
});

/** See the top of this file. */
export const mariadbAdopt: StepKind<Args, never> = {
  kind: 'mariadb-adopt',
  args: mariadbAdoptArgs,
  reasons,
  retrySafe: true,
  title: ({ from }) => reasons.of('mariadb-adopt/gtid', { from }),
  async check(ctx, args) {
    const slave = await slaveOf(ctx, ctx.host, args).catch(unlessAsked);
    if (slave?.get('Using_Gtid') !== 'No')
      return { state: 'done', because: reasons.of('mariadb-adopt/nothing') };
    const at = `${slave.get('Relay_Master_Log_File')}:${slave.get('Exec_Master_Log_Pos')}`;
    return { state: 'todo', diff: { summary: `file and position (${at}) → GTID` } };
  },
  async apply(ctx, args) {
    const primary = await ctx.connect(args.from);
    const options = `${args.etc}/local.cnf`;
    await runSql(ctx, primary, options, 'STOP SLAVE; RESET SLAVE ALL;');
    const [end] = await runSql(ctx, primary, options, 'SHOW MASTER STATUS;');
    const [file = '', position = ''] = end ?? [];
    const seconds = Math.ceil(args.timeoutMs / 1_000);
    const wait = `START SLAVE; SELECT MASTER_POS_WAIT(${literal(file)}, ${Number(position)}, ${seconds});`;
    const [waited] = await runSql(ctx, ctx.host, options, wait, args.timeoutMs + 10_000);
    const slave = await slaveOf(ctx, ctx.host, args);
    if (waited === undefined || !/^\d+$/.test(waited[0] ?? '')) {
      const got = `${slave.get('Last_SQL_Error') || slave.get('Last_IO_Error') || 'no progress'}`;
      throw new MariadbError({
        code: 'mariadb/not-level',
        message: 'the standby did not reach the primary by file and position',
        where: { host: ctx.host.host },
        expected: `${file}:${position}`,
        got,
        hint: 'Empty it (`STOP SLAVE; RESET SLAVE ALL` there), then `holdfast apply`: it is seeded instead.',
        retryable: true,
      });
    }
    await runSql(ctx, ctx.host, options, 'STOP SLAVE; RESET SLAVE ALL; RESET MASTER;');
  },
  async verify(ctx, args) {
    const startMs = ctx.clock.monotonicMs();
    const primary = await ctx.connect(args.from);
    for (const host of [primary, ctx.host]) {
      const slave = await slaveOf(ctx, host, args);
      if (slave.get('Using_Gtid') === 'No')
        throw notAsWanted(`replication of ${host.host}`, 'none by file and position', 'one');
    }
    const tookMs = ctx.clock.monotonicMs() - startMs;
    return {
      asked: 'SHOW SLAVE STATUS on both',
      got: 'none by file and position',
      at: ctx.clock.now(),
      tookMs,
    };
  },
  undo: { final: reasons.of('mariadb-adopt/final') },
};

async function slaveOf(
  ctx: StepContext,
  host: Connection,
  { etc }: Args,
): Promise<ReadonlyMap<string, string>> {
  const rows = await runSql(ctx, host, `${etc}/local.cnf`, 'SHOW SLAVE STATUS;', undefined, 'vertical');
  return new Map(rows.map(([name = '', value = '']) => [name, value]));
}

/** A server that is not there yet follows nobody. */
function unlessAsked(error: unknown): undefined {
  if (!(error instanceof MariadbError)) throw error;
}
