/**
 * Makes a node the first primary of a new pair: the pair's own tables (who led since when; a row that health writes),
 * and no longer read-only. Where a pair is there already it does nothing, whoever leads: that is the agents' matter.
 *
 * `restart`: the server has clients and a configuration that it has not read yet. keepalived stands still (SIGSTOP) from
 * the stop of the server until it takes writes again: the address stays, and clients miss the restart and no more.
 */
import { z } from 'zod';
import { defineReasons } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath } from '../../../engine/steps/parts/arguments.ts';
import { order } from '../../../engine/steps/parts/run.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import { type Command, sh } from '../../../hosts/shell.ts';
import { runSql } from '../sql.ts';

const mariadbLeadArgs = z.strictObject({ etc: absolutePath(), restart: z.boolean() });
type Args = z.infer<typeof mariadbLeadArgs>;

const reasons = defineReasons({
  'mariadb-lead/begin': { en: 'begin the pair with this node as primary', zh: '以本节点为主库建立主备' },
  'mariadb-lead/is-one': { en: 'the pair exists; epoch {epoch}', zh: '主备已建立；当前纪元 {epoch}' },
  'mariadb-lead/final': {
    en: 'clients may write from then on: it is not taken back',
    zh: '此后客户端即可写入，因此不撤销',
  },
});

const TABLES = `CREATE DATABASE IF NOT EXISTS holdfast;
CREATE TABLE IF NOT EXISTS holdfast.lead (epoch BIGINT UNSIGNED PRIMARY KEY, node VARCHAR(190) NOT NULL, gtid VARCHAR(190) NOT NULL, at DATETIME NOT NULL) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS holdfast.beat (node VARCHAR(190) PRIMARY KEY, at DATETIME(3) NOT NULL) ENGINE=InnoDB;`;

const RESTART_MS = 600_000;
/** Whatever becomes of us, keepalived goes on after this. */
const STILL_SECONDS = RESTART_MS / 1_000 + 60;

/** See the top of this file. */
export const mariadbLead: StepKind<Args, never> = {
  kind: 'mariadb-lead',
  args: mariadbLeadArgs,
  reasons,
  retrySafe: true,
  interrupts: ({ restart }) => restart,
  title: () => reasons.of('mariadb-lead/begin'),
  async check(ctx, args) {
    const epoch = await epochOf(ctx, args);
    if (epoch !== undefined) return { state: 'done', because: reasons.of('mariadb-lead/is-one', { epoch }) };
    const summary = `${args.restart ? 'restart mariadb.service while the address stays; ' : ''}the database holdfast with its two tables; read_only=0`;
    return { state: 'todo', diff: { summary } };
  },
  async apply(ctx, { etc, restart }) {
    await runSql(ctx, ctx.host, `${etc}/local.cnf`, TABLES);
    const hint = `Run \`${etc}/role status\` on the host.`;
    const init = sh`${etc}/role init`;
    const command = restart ? whileTheAddressStays(sh`systemctl restart mariadb.service && ${init}`) : init;
    await order(ctx, command, { what: 'make the node primary', hint, timeoutMs: RESTART_MS });
  },
  async verify(ctx, args) {
    const startMs = ctx.clock.monotonicMs();
    const epoch = await epochOf(ctx, args);
    if (epoch === undefined) throw notAsWanted('holdfast.lead', 'a row', 'none');
    const tookMs = ctx.clock.monotonicMs() - startMs;
    return { asked: 'holdfast.lead', got: `epoch ${epoch}`, at: ctx.clock.now(), tookMs };
  },
  undo: { final: reasons.of('mariadb-lead/final') },
};

function whileTheAddressStays(work: Command): Command {
  return sh`signal() { systemctl kill -s "$1" keepalived.service 2>/dev/null || :; }
(sleep ${STILL_SECONDS}; signal CONT) </dev/null >/dev/null 2>&1 &
trap 'kill $!; signal CONT' EXIT; trap 'exit 1' HUP INT TERM
signal STOP
${work}`;
}

async function epochOf(ctx: StepContext, { etc }: Args): Promise<string | undefined> {
  // A server that is not there yet, in a plan of a new pair, leads nothing.
  const rows = await runSql(
    ctx,
    ctx.host,
    `${etc}/local.cnf`,
    "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA='holdfast' AND TABLE_NAME='lead';",
  ).catch(() => [['0']]);
  if (rows[0]?.[0] !== '1') return undefined;
  const [first] = await runSql(ctx, ctx.host, `${etc}/local.cnf`, 'SELECT MAX(epoch) FROM holdfast.lead;');
  const epoch = first?.[0];
  return epoch === undefined || epoch === 'NULL' ? undefined : epoch;
}
