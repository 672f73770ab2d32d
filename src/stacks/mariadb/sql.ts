/** SQL on a host, as its root: statements go in on standard input, so that no process list shows them. */
import { Secret } from '../../base/secret.ts';
import type { StepContext } from '../../engine/step.ts';
import type { Connection } from '../../hosts/host.ts';
import { sh } from '../../hosts/shell.ts';
import { MariadbError } from './error.ts';

const TIMEOUT_MS = 60_000;

/**
 * Runs statements and gives the rows of all of them, each a list of columns; `vertical`: each column as its name and
 * its value.
 * @param options the option file on the host
 * @throws MariadbError `mariadb/client`
 */
export async function runSql(
  { signal }: Pick<StepContext, 'signal'>,
  host: Connection,
  options: string,
  statements: string | Secret,
  timeoutMs = TIMEOUT_MS,
  form: 'rows' | 'vertical' = 'rows',
): Promise<string[][]> {
  const flags = form === 'rows' ? ['-N', '-B'] : ['-E'];
  const command = sh`$(command -v mariadb || command -v mysql) --defaults-file=${options} ${flags}`;
  const result = await host.run(command, { stdin: statements, timeoutMs, signal, as: 'root' });
  if (result.code === 0) {
    const lines = result.stdout.split('\n').filter((line) => line !== '');
    return form === 'rows' ? lines.map((line) => line.split('\t')) : lines.flatMap(nameAndValue);
  }
  const said = result.stderr.trim().split('\n').at(-1) ?? '';
  throw new MariadbError({
    code: 'mariadb/client',
    message: 'the database refused a statement',
    where: { host: host.host },
    expected: 'exit code 0 of the mariadb client',
    // The server quotes what it did not understand: that may be a password.
    got: statements instanceof Secret ? said.replace(/near '.*/s, 'near …') : said,
    hint: `Ask it by hand there: \`mariadb --defaults-file=${options}\`.`,
    retryable: true,
  });
}

/** SHOW SLAVE STATUS by name; empty where the server follows nobody. @throws MariadbError `mariadb/client` */
export async function slaveStatus(
  ctx: Pick<StepContext, 'signal'>,
  host: Connection,
  options: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await runSql(ctx, host, options, 'SHOW SLAVE STATUS;', undefined, 'vertical');
  return new Map(rows.map(([name = '', value = '']) => [name, value]));
}

/** A line of `\G`: `   Using_Gtid: No` → its two halves. */
function nameAndValue(line: string): string[][] {
  const [, name, value] = /^\s*([A-Za-z_]+): ?(.*)$/.exec(line) ?? [];
  return name === undefined ? [] : [[name, value ?? '']];
}

/** A string literal (NO_BACKSLASH_ESCAPES is off on a connection of our own). */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
