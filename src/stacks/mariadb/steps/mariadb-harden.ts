/**
 * What `mysql_secure_installation` asks, without asking: no anonymous accounts, no database `test`, no root over the
 * network. And accounts of the site file log in from where it says, not from elsewhere with other rights as well. On
 * the primary; the standby gets it by replication, and the step waits until it has: an account with SUPER writes on a
 * read-only server, too, and what it writes there is lost.
 */
import { z } from 'zod';
import { defineReasons } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath, timeLimitMs } from '../../../engine/steps/parts/arguments.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import type { Connection } from '../../../hosts/host.ts';
import { MariadbError } from '../error.ts';
import { literal, runSql } from '../sql.ts';

const mariadbHardenArgs = z.strictObject({
  etc: absolutePath(),
  standby: z.string().min(1),
  timeoutMs: timeLimitMs(3_600_000),
  remoteRoot: z.enum(['remove', 'keep']),
  /** Accounts by name, and all that they may log in from. */
  only: z.array(z.strictObject({ user: z.string(), from: z.array(z.string()).min(1) })),
});
type Args = z.infer<typeof mariadbHardenArgs>;

const reasons = defineReasons({
  'mariadb-harden/do': {
    en: 'no anonymous accounts, no database test, no root over the network, no account twice',
    zh: '删除匿名账号、test 数据库、可远程登录的 root 以及重复的账号',
  },
  'mariadb-harden/clean': { en: 'nothing of the kind is there', zh: '不存在此类对象' },
  'mariadb-harden/final': {
    en: 'accounts that are removed, and their passwords, cannot be brought back',
    zh: '被删除的账号及其密码无法恢复',
  },
});

const LOOK_EVERY_MS = 250;

/** See the top of this file. */
export const mariadbHarden: StepKind<Args, never> = {
  kind: 'mariadb-harden',
  args: mariadbHardenArgs,
  reasons,
  retrySafe: true,
  removes: () => true,
  title: () => reasons.of('mariadb-harden/do'),
  async check(ctx, args) {
    try {
      const found = (await Promise.all((await both(ctx, args)).map((host) => weak(ctx, host, args)))).flat();
      if (found.length === 0) return { state: 'done', because: reasons.of('mariadb-harden/clean') };
      return { state: 'todo', diff: { summary: summaryOf(found) } };
    } catch (error) {
      if (!(error instanceof MariadbError)) throw error;
      return { state: 'todo', diff: { summary: 'remove what a new server brings of it' } };
    }
  },
  async apply(ctx, args) {
    const [primary, standby] = await both(ctx, args);
    const statements = (await weak(ctx, primary, args)).map(({ statement }) => statement);
    if (statements.length > 0) await runSql(ctx, primary, `${args.etc}/local.cnf`, statements.join('\n'));
    const endMs = ctx.clock.monotonicMs() + args.timeoutMs;
    while ((await weak(ctx, standby, args)).length > 0 && ctx.clock.monotonicMs() < endMs)
      await ctx.clock.sleep(LOOK_EVERY_MS, ctx.signal);
  },
  async verify(ctx, args) {
    const startMs = ctx.clock.monotonicMs();
    for (const host of await both(ctx, args)) {
      const left = await weak(ctx, host, args);
      if (left.length > 0) throw notAsWanted(`accounts on ${host.host}`, 'none of the kind', summaryOf(left));
    }
    const tookMs = ctx.clock.monotonicMs() - startMs;
    const asked = 'mysql.user, SHOW DATABASES on both';
    return { asked, got: 'none of the kind', at: ctx.clock.now(), tookMs };
  },
  undo: { final: reasons.of('mariadb-harden/final') },
};

async function both(
  ctx: StepContext,
  { standby }: Args,
): Promise<readonly [primary: Connection, standby: Connection]> {
  return [ctx.host, await ctx.connect(standby)];
}

interface Weak {
  readonly name: string;
  readonly statement: string;
}

function summaryOf(found: readonly Weak[]): string {
  return [...new Set(found.map(({ name }) => `remove ${name}`))].join(', ');
}

async function weak(ctx: StepContext, host: Connection, { etc, remoteRoot, only }: Args): Promise<Weak[]> {
  const kinds = ["(User='' AND Host<>'')"];
  if (remoteRoot === 'remove') kinds.push("(User='root' AND Host NOT IN ('localhost', '127.0.0.1', '::1'))");
  for (const { user, from } of only)
    kinds.push(`(User=${literal(user)} AND Host NOT IN (${from.map(literal).join(', ')}))`);
  const rows = await runSql(
    ctx,
    host,
    `${etc}/local.cnf`,
    `SELECT 'account', User, Host FROM mysql.user WHERE ${kinds.join(' OR ')};
SELECT 'database', SCHEMA_NAME, '' FROM information_schema.SCHEMATA WHERE SCHEMA_NAME='test';`,
  );
  return rows.map(([what, name = '', host = '']) =>
    what === 'database'
      ? { name: `database ${name}`, statement: 'DROP DATABASE test;' }
      : { name: `'${name}'@'${host}'`, statement: `DROP USER ${literal(name)}@${literal(host)};` },
  );
}
