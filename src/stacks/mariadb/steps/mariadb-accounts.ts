/**
 * Accounts with exactly the rights given, on the primary; the standby gets them by replication. Passwords go to the
 * server on standard input and are compared there, never read back.
 *
 * Revert removes the accounts that the step made. One that was there keeps its new password and rights: the old
 * password is known to nobody.
 */
import { z } from 'zod';
import { defineReasons } from '../../../base/reason.ts';
import { Secret } from '../../../base/secret.ts';
import type { Check, StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath } from '../../../engine/steps/parts/arguments.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import { secretRef } from '../../../site/values.ts';
import { MariadbError } from '../error.ts';
import { literal, runSql } from '../sql.ts';

const mariadbAccountsArgs = z.strictObject({
  etc: absolutePath(),
  accounts: z
    .array(
      z.strictObject({
        user: z.string().min(1),
        host: z.string().min(1),
        password: secretRef(),
        tls: z.boolean(),
        grants: z.array(z.strictObject({ privileges: z.array(z.string()).min(1), on: z.string() })),
      }),
    )
    .min(1),
});
type Args = z.infer<typeof mariadbAccountsArgs>;
type Account = Args['accounts'][number];

const undo = z.object({ existed: z.array(z.string()) });

const reasons = defineReasons({
  'mariadb-accounts/make': { en: 'accounts {names}', zh: '账号 {names}' },
  'mariadb-accounts/same': { en: 'accounts are as wanted: {names}', zh: '账号已符合要求：{names}' },
  'mariadb-accounts/read-only': {
    en: 'this node is read-only: it is not the primary',
    zh: '本节点为只读，不是主库',
  },
  'mariadb-accounts/plan-again': {
    en: 'roles have changed since the plan was made; plan again',
    zh: '生成计划之后角色已变化；请重新生成计划',
  },
});

/** See the top of this file. */
export const mariadbAccounts: StepKind<Args, z.infer<typeof undo>> = {
  kind: 'mariadb-accounts',
  args: mariadbAccountsArgs,
  reasons,
  retrySafe: true,
  title: ({ accounts }) => reasons.of('mariadb-accounts/make', { names: accounts.map(nameOf) }),
  check,
  async apply(ctx, args) {
    for (const account of args.accounts) {
      const secret = await ctx.secret(account.password);
      const value = passwordOf(secret);
      const name = `${literal(account.user)}@${literal(account.host)}`;
      const grants = account.grants.map(
        ({ privileges, on }) => `GRANT ${privileges.join(', ')} ON ${on} TO ${name};`,
      );
      const text = `CREATE USER IF NOT EXISTS ${name};
ALTER USER ${name} IDENTIFIED BY ${literal(value)} REQUIRE ${account.tls ? 'SSL' : 'NONE'};
REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${name};
${grants.join('\n')}`;
      await sql(ctx, args, new Secret(secret.reference, text));
    }
  },
  async verify(ctx, args) {
    const startMs = ctx.clock.monotonicMs();
    const wrong = await wrongOnes(ctx, args);
    if (wrong.length > 0)
      throw notAsWanted('accounts', args.accounts.map(nameOf).join(', '), `not so: ${wrong.join('; ')}`);
    const tookMs = ctx.clock.monotonicMs() - startMs;
    const got = `${args.accounts.map(nameOf).join(', ')}: password and rights as wanted`;
    return { asked: 'SHOW GRANTS', got, at: ctx.clock.now(), tookMs };
  },
  undo: {
    schema: undo,
    async capture(ctx, args) {
      const existed = await existing(ctx, args);
      return { existed };
    },
    async revert(ctx, { existed }, args) {
      const made = args.accounts.filter((account) => !existed.includes(nameOf(account)));
      for (const { user, host } of made)
        await sql(ctx, args, `DROP USER IF EXISTS ${literal(user)}@${literal(host)};`);
    },
  },
};

async function check(ctx: StepContext, args: Args): Promise<Check> {
  const names = args.accounts.map(nameOf);
  let wrong: string[];
  try {
    const [row] = await sql(
      ctx,
      args,
      "SELECT @@read_only, COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA='holdfast' AND TABLE_NAME='lead';",
    );
    if (row?.[0] === '1' && row[1] === '1') {
      return {
        state: 'refused',
        because: reasons.of('mariadb-accounts/read-only'),
        hint: reasons.of('mariadb-accounts/plan-again'),
      };
    }
    wrong = await wrongOnes(ctx, args);
  } catch (error) {
    if (!(error instanceof MariadbError) || error.code !== 'mariadb/client') throw error;
    // Not installed yet, or not running: earlier steps bring it up.
    wrong = names;
  }
  if (wrong.length === 0) return { state: 'done', because: reasons.of('mariadb-accounts/same', { names }) };
  return { state: 'todo', diff: { summary: wrong.join('; ') } };
}

/** What of the accounts is not as wanted, a line each. */
async function wrongOnes(ctx: StepContext, args: Args): Promise<string[]> {
  const there = await existing(ctx, args);
  const wrong: string[] = [];
  for (const account of args.accounts) {
    const name = nameOf(account);
    if (!there.includes(name)) wrong.push(`${name} is missing`);
    else if (!(await hasPassword(ctx, args, account))) wrong.push(`${name} has another password`);
    else if (!(await hasRights(ctx, args, account))) wrong.push(`${name} has other rights`);
  }
  return wrong;
}

async function existing(ctx: StepContext, args: Args): Promise<string[]> {
  const rows = await sql(ctx, args, "SELECT CONCAT(User, '@', Host) FROM mysql.user;");
  return rows.map(([name]) => name as string);
}

/** Compared on the server; only yes or no comes back. */
async function hasPassword(
  ctx: StepContext,
  args: Args,
  { user, host, password }: Account,
): Promise<boolean> {
  const secret = await ctx.secret(password);
  const text = `SELECT COUNT(*) FROM mysql.user WHERE User=${literal(user)} AND Host=${literal(host)} AND PASSWORD(${literal(passwordOf(secret))}) IN (authentication_string, Password);`;
  const [row] = await sql(ctx, args, new Secret(secret.reference, text));
  return row?.[0] === '1';
}

async function hasRights(ctx: StepContext, args: Args, account: Account): Promise<boolean> {
  const rows = await sql(ctx, args, `SHOW GRANTS FOR ${literal(account.user)}@${literal(account.host)};`);
  const found = new Map<string, Set<string>>();
  let isTls = false;
  for (const [line = ''] of rows) {
    const [, privileges = '', on = ''] = /^GRANT (.+) ON (\S+) TO /.exec(line) ?? [];
    isTls ||= / REQUIRE SSL/.test(line);
    // The client writes a backslash as two.
    const place = on.replaceAll('`', '').replaceAll('\\\\', '\\');
    if (privileges !== 'USAGE') found.set(place, new Set(privileges.split(', ')));
  }
  const isSame = account.grants.every(({ privileges, on }) => {
    const there = found.get(on.replaceAll('`', ''));
    return there?.size === privileges.length && privileges.every((one) => there.has(one));
  });
  return isSame && found.size === account.grants.length && isTls === account.tls;
}

/** @throws MariadbError `mariadb/bad-password` */
function passwordOf(secret: Secret): string {
  const value = secret.reveal().trim();
  if (/^[A-Za-z0-9._~+=/@%^,:-]+$/.test(value)) return value;
  throw new MariadbError({
    code: 'mariadb/bad-password',
    message: `the password ${secret} cannot stand in an option file`,
    expected: 'letters, digits and any of . _ ~ + = / @ % ^ , : -',
    got: value === '' ? 'nothing' : 'another character',
    hint: 'Choose another one, e.g. with `openssl rand -hex 24`.',
  });
}

function nameOf({ user, host }: Account): string {
  return `${user}@${host}`;
}

function sql(ctx: StepContext, { etc }: Args, statements: string | Secret): Promise<string[][]> {
  return runSql(ctx, ctx.host, `${etc}/local.cnf`, statements);
}
