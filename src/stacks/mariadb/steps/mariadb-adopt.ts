/**
 * Takes a pair over that somebody made by hand (the runbook's master-master, by file and position). Each catches up with
 * the other the old way a last time, so that a row written on either is on both; then neither follows, and the standby
 * forgets its own history: from then on both have one, the primary's, and the agent goes on from there by GTID. No data
 * is copied, and the primary's clients notice nothing.
 *
 * Both take events here that strict GTID order forbids: two who write each count for themselves. That nobody wrote on
 * the standby meanwhile (an account with SUPER gets past read-only) is seen by the numbers it gave out itself.
 */
import { z } from 'zod';
import { defineReasons } from '../../../base/reason.ts';
import type { Check, StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath, timeLimitMs } from '../../../engine/steps/parts/arguments.ts';
import { tidyUp } from '../../../engine/steps/parts/run.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import type { Connection } from '../../../hosts/host.ts';
import { MariadbError } from '../error.ts';
import { literal, runSql, slaveStatus } from '../sql.ts';

const mariadbAdoptArgs = z.strictObject({
  etc: absolutePath(),
  /** The primary. */
  from: z.string().min(1),
  timeoutMs: timeLimitMs(3_600_000),
});
type Args = z.infer<typeof mariadbAdoptArgs>;

const reasons = defineReasons({
  'mariadb-adopt/gtid': {
    en: 'catch up with {from} the old way, and be ready to follow it by GTID',
    zh: '按原方式追平 {from}，之后改为按 GTID 跟随',
  },
  'mariadb-adopt/nothing': { en: 'it follows nobody the old way', zh: '没有按原方式进行的复制' },
  'mariadb-adopt/final': {
    en: 'the standby’s own binary logs are emptied, and the primary no longer follows it',
    zh: '备库自己的二进制日志会被清空，主库不再跟随备库',
  },
});

/** Who writes on the standby so often is not an accident. */
const MOST_ROUNDS = 3;

/** See the top of this file. */
export const mariadbAdopt: StepKind<Args, never> = {
  kind: 'mariadb-adopt',
  args: mariadbAdoptArgs,
  reasons,
  retrySafe: true,
  title: ({ from }) => reasons.of('mariadb-adopt/gtid', { from }),
  check,
  async apply(ctx, args) {
    const standby = new Server(ctx, ctx.host, args);
    const primary = new Server(ctx, await ctx.connect(args.from), args);
    const each = [standby, primary];
    for (const server of each) await server.run('SET GLOBAL gtid_strict_mode=0;');
    // Nobody acknowledges what it takes over, and its log is emptied in the end.
    await standby.run('SET GLOBAL sync_binlog=0;');
    try {
      const gtid = await catchUp(standby, primary);
      await primary.run('STOP SLAVE; RESET SLAVE ALL;');
      await standby.run(
        `RESET MASTER; SET GLOBAL gtid_slave_pos=${literal(gtid)}; RESET SLAVE ALL; SET GLOBAL sync_binlog=1;`,
      );
    } finally {
      await tidyUp(ctx, 'be strict about GTID again', async (signal) => {
        for (const { host } of each)
          await runSql({ signal }, host, `${args.etc}/local.cnf`, 'SET GLOBAL gtid_strict_mode=1;');
      });
    }
  },
  async verify(ctx, args) {
    const startMs = ctx.clock.monotonicMs();
    for (const host of [await ctx.connect(args.from), ctx.host]) {
      const slave = await new Server(ctx, host, args).slave();
      const master = slave.get('Master_Host');
      if (master !== undefined) throw notAsWanted(`replication of ${host.host}`, 'none', `from ${master}`);
    }
    const [row] = await new Server(ctx, ctx.host, args).run('SELECT @@gtid_slave_pos;');
    const tookMs = ctx.clock.monotonicMs() - startMs;
    const got = `neither follows; the standby goes on at ${row?.[0]}`;
    return { asked: 'SHOW SLAVE STATUS on both', got, at: ctx.clock.now(), tookMs };
  },
  undo: { final: reasons.of('mariadb-adopt/final') },
};

async function check(ctx: StepContext, args: Args): Promise<Check> {
  try {
    const slave = await new Server(ctx, ctx.host, args).slave();
    if (!slave.has('Master_Host')) return { state: 'done', because: reasons.of('mariadb-adopt/nothing') };
  } catch (error) {
    // Before the first apply nobody can log in by our options yet; that it follows is a fact of the plan.
    if (!(error instanceof MariadbError)) throw error;
  }
  return { state: 'todo', diff: { summary: `file and position of ${args.from} → GTID` } };
}

/** Both hold what either had. @returns where in the primary's history the standby is */
async function catchUp(standby: Server, primary: Server): Promise<string> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    await standby.run('STOP SLAVE;');
    const own = await standby.ownNumber();
    if ((await primary.slave()).has('Master_Host')) await primary.reach(await standby.position());
    await standby.reach(await primary.position());
    await standby.run('STOP SLAVE;');
    if ((await standby.ownNumber()) !== own) continue;
    const slave = await standby.slave();
    const [file = '', at = ''] = [slave.get('Relay_Master_Log_File'), slave.get('Exec_Master_Log_Pos')];
    const [row] = await primary.run(`SELECT BINLOG_GTID_POS(${literal(file)}, ${Number(at)});`);
    return row?.[0] ?? '';
  }
  throw new MariadbError({
    code: 'mariadb/not-level',
    message: 'somebody goes on writing on the standby',
    where: { host: standby.host.host },
    expected: 'writes on the primary alone',
    got: 'new transactions of its own, although it is read-only',
    hint: 'An account with SUPER or READ ONLY ADMIN writes there: `SHOW PROCESSLIST` names it. Lead it to the address, then `holdfast resume`.',
    retryable: false,
  });
}

/** One of the two, as root on its host. */
class Server {
  readonly host: Connection;
  readonly #ctx: StepContext;
  readonly #args: Args;

  constructor(ctx: StepContext, host: Connection, args: Args) {
    this.host = host;
    this.#ctx = ctx;
    this.#args = args;
  }

  run(statements: string, timeoutMs?: number): Promise<string[][]> {
    return runSql(this.#ctx, this.host, `${this.#args.etc}/local.cnf`, statements, timeoutMs);
  }

  slave(): Promise<ReadonlyMap<string, string>> {
    return slaveStatus(this.#ctx, this.host, `${this.#args.etc}/local.cnf`);
  }

  async position(): Promise<readonly [file: string, at: number]> {
    const [row] = await this.run('SHOW MASTER STATUS;');
    return [row?.[0] ?? '', Number(row?.[1])];
  }

  /** How many transactions it has given a number itself. */
  async ownNumber(): Promise<string> {
    const [row] = await this.run('SELECT @@server_id, @@gtid_binlog_state;');
    const [id = '', state = ''] = row ?? [];
    const own = state.split(',').filter((gtid) => gtid.split('-')[1] === id);
    return own.join();
  }

  /** Follows until it has applied this. @throws MariadbError `mariadb/not-level` */
  async reach([file, at]: readonly [file: string, at: number]): Promise<void> {
    const { timeoutMs } = this.#args;
    const wait = `START SLAVE; SELECT MASTER_POS_WAIT(${literal(file)}, ${at}, ${Math.ceil(timeoutMs / 1_000)});`;
    const [waited] = await this.run(wait, timeoutMs + 10_000);
    if (/^\d+$/.test(waited?.[0] ?? '')) return;
    const slave = await this.slave();
    throw new MariadbError({
      code: 'mariadb/not-level',
      message: 'a server did not catch up with the other by file and position',
      where: { host: this.host.host },
      expected: `${file}:${at}`,
      got: slave.get('Last_SQL_Error') || slave.get('Last_IO_Error') || 'no progress',
      hint: 'Mend the replication on this host as it was made, then `holdfast resume`.',
      retryable: true,
    });
  }
}
