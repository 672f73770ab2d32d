/**
 * Seeding by a dump in one consistent snapshot, streamed from the primary over TLS straight into the standby. Slower than
 * a copy of files, and works between any two servers. Writers are not locked: snapshot and GTID come from one
 * transaction (MariaDB's own `START TRANSACTION WITH CONSISTENT SNAPSHOT`), whatever the size.
 */
import { randomBytes } from 'node:crypto';
import { Secret } from '../../../base/secret.ts';
import type { StepContext } from '../../../engine/step.ts';
import { order, tidyUp } from '../../../engine/steps/parts/run.ts';
import { script, sh } from '../../../hosts/shell.ts';
import { literal, runSql } from '../sql.ts';
import type { SeedArgs } from './args.ts';
import { clients, keptAsDump } from './keep.ts';

const ACCOUNT = 'holdfast_seed';

/** Replaces all databases of the standby; it keeps running. */
export async function seedByDump(ctx: StepContext, args: SeedArgs): Promise<void> {
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

function seedOptions({ address, own, port: at, tls }: SeedArgs, password: string): string {
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
 * snapshot's place; the agent goes on from there.
 */
function seedCommand({ etc, state }: SeedArgs) {
  return sh`set -e
umask 077
cd ${state}
${clients(etc)}
${keptAsDump}
echo replaced >seeding; sync
"$c" "$here" -N -B -e "$foreign" | while read -r db; do
  printf 'SET SESSION sql_log_bin=0; DROP DATABASE \`%s\`;\n' "$db"
done | "$c" "$here"
"$c" "$here" -e "RESET MASTER; SET GLOBAL gtid_slave_pos=''"
rm -f seed.failed
{ "$d" --defaults-file=${etc}/seed.cnf --all-databases --single-transaction --gtid --master-data=1 --routines --events --triggers --hex-blob --max-allowed-packet=1G 2>seed.log || : >seed.failed; } |
  "$c" "$here" --init-command='SET SESSION sql_log_bin=0' --max-allowed-packet=1G
if [ -e seed.failed ]; then tail -n 1 seed.log >&2; exit 1; fi
"$c" "$here" -e "SET SESSION sql_log_bin=0; FLUSH PRIVILEGES; DROP USER IF EXISTS ${script(ACCOUNT)}@'$(sed -n 's/^# own=//p' ${etc}/seed.cnf)'"`;
}
