/**
 * What `mysql_secure_installation` asks, without asking: no anonymous accounts, no database `test`, no root over the
 * network. On the primary; the standby gets it by replication.
 */
import { z } from 'zod';
import { defineReasons } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath } from '../../../engine/steps/parts/arguments.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import { MariadbError } from '../error.ts';
import { literal, runSql } from '../sql.ts';

const mariadbHardenArgs = z.strictObject({ etc: absolutePath(), remoteRoot: z.enum(['remove', 'keep']) });
type Args = z.infer<typeof mariadbHardenArgs>;

const reasons = defineReasons({
  'mariadb-harden/do': {
    en: 'no anonymous accounts, no database test, no root over the network',
    zh: '删除匿名账号、test 数据库以及可远程登录的 root',
  },
  'mariadb-harden/clean': { en: 'nothing of the kind is there', zh: '不存在此类对象' },
  'mariadb-harden/final': {
    en: 'accounts that are removed, and their passwords, cannot be brought back',
    zh: '被删除的账号及其密码无法恢复',
  },
});

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
      const found = await weak(ctx, args);
      if (found.length === 0) return { state: 'done', because: reasons.of('mariadb-harden/clean') };
      return { state: 'todo', diff: { summary: found.map(({ name }) => `remove ${name}`).join(', ') } };
    } catch (error) {
      if (!(error instanceof MariadbError)) throw error;
      return { state: 'todo', diff: { summary: 'remove what a new server brings of it' } };
    }
  },
  async apply(ctx, args) {
    const found = await weak(ctx, args);
    if (found.length === 0) return;
    await runSql(ctx, ctx.host, `${args.etc}/local.cnf`, found.map(({ statement }) => statement).join('\n'));
  },
  async verify(ctx, args) {
    const startMs = ctx.clock.monotonicMs();
    const left = await weak(ctx, args);
    if (left.length > 0)
      throw notAsWanted('accounts', 'none of the kind', left.map(({ name }) => name).join(', '));
    const tookMs = ctx.clock.monotonicMs() - startMs;
    return { asked: 'mysql.user, SHOW DATABASES', got: 'none of the kind', at: ctx.clock.now(), tookMs };
  },
  undo: { final: reasons.of('mariadb-harden/final') },
};

async function weak(ctx: StepContext, { etc, remoteRoot }: Args) {
  const remote =
    remoteRoot === 'keep' ? '' : " OR (User='root' AND Host NOT IN ('localhost', '127.0.0.1', '::1'))";
  const rows = await runSql(
    ctx,
    ctx.host,
    `${etc}/local.cnf`,
    `SELECT 'account', User, Host FROM mysql.user WHERE (User='' AND Host<>'')${remote};
SELECT 'database', SCHEMA_NAME, '' FROM information_schema.SCHEMATA WHERE SCHEMA_NAME='test';`,
  );
  return rows.map(([what, name = '', host = '']) =>
    what === 'database'
      ? { name: `database ${name}`, statement: 'DROP DATABASE test;' }
      : { name: `'${name}'@'${host}'`, statement: `DROP USER ${literal(name)}@${literal(host)};` },
  );
}
