/** What of MariaDB is found on a host, in one round trip. Passwords in configuration files are masked there. */
import { ask, type FactKind, type FactQuery } from '../../hosts/fact.ts';
import { quote } from '../../hosts/shell.ts';
import type { HostName } from '../../site/model.ts';

export interface Version {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

export interface MariadbState {
  /** Undefined where it is not installed. */
  readonly version: Version | undefined;
  readonly isRunning: boolean;
  /** Whether root was let in; without, all below is unknown. */
  readonly isAsked: boolean;
  readonly variables: Readonly<Record<string, string>>;
  /** SHOW SLAVE STATUS; empty where it follows nobody. */
  readonly slave: Readonly<Record<string, string>>;
  /** `user@host` of all accounts, and of those that need no password. */
  readonly accounts: readonly string[];
  readonly noPassword: readonly string[];
  /** Of those that may log in over the network, whoever may write on a read-only server. */
  readonly pastReadOnly: readonly string[];
  /** Who led last, by what is replicated; undefined where it is no pair of Holdfast's yet. */
  readonly lead: { readonly epoch: number; readonly node: string } | undefined;
  readonly dataBytes: number;
  readonly conf: readonly ConfFile[];
}

export interface ConfFile {
  readonly path: string;
  readonly text: string;
}

interface StateArgs {
  /** The option file by which root logs in, where Holdfast has put one there. */
  readonly options: string;
}

const VARIABLES = [
  'server_id',
  'log_bin',
  'log_slave_updates',
  'gtid_strict_mode',
  'gtid_binlog_pos',
  'gtid_slave_pos',
  'read_only',
  'binlog_format',
  'sync_binlog',
  'innodb_flush_log_at_trx_commit',
  'auto_increment_increment',
  'auto_increment_offset',
  'rpl_semi_sync_master_enabled',
  'rpl_semi_sync_master_timeout',
  'bind_address',
  'port',
  'datadir',
];

const state: FactKind<MariadbState, StateArgs> = {
  name: 'mariadb-state',
  command: ({ options }) => `for d in mariadbd mysqld /usr/libexec/mariadbd /usr/libexec/mysqld; do
command -v "$d" >/dev/null 2>&1 && { "$d" --version 2>/dev/null | sed 's/^/version /'; break; }; done
for f in /etc/my.cnf /etc/mysql/my.cnf /etc/my.cnf.d/*.cnf /etc/mysql/conf.d/*.cnf /etc/mysql/mariadb.conf.d/*.cnf; do
[ -f "$f" ] && [ ! -L "$f" ] && printf 'conf %s %s\\n' "$f" "$(sed 's/\\(passw[a-z_-]*[[:space:]]*=\\).*/\\1 ***/I' "$f" | base64 | tr -d '\\n')"; done
pidof mariadbd mysqld >/dev/null 2>&1 && echo running
c=$(command -v mariadb || command -v mysql) || exit 0
o=${quote(options)}; if [ -r "$o" ]; then set -- "--defaults-file=$o"; else set -- --user=root; fi
q() { timeout 10 "$c" "$@" -N -B 2>/dev/null </dev/null; }
q "$@" -e 'SELECT 1' >/dev/null || exit 0
echo asked
q "$@" -e "SELECT CONCAT('var ', LOWER(VARIABLE_NAME), ' ', VARIABLE_VALUE) FROM information_schema.GLOBAL_VARIABLES WHERE VARIABLE_NAME IN (${VARIABLES.map((name) => `'${name}'`).join(',')})"
timeout 10 "$c" "$@" -e 'SHOW SLAVE STATUS\\G' 2>/dev/null </dev/null | sed -n 's/^ *\\([A-Za-z_]*\\): /slave \\1 /p'
q "$@" -e "SELECT CONCAT('account ', User, '@', Host) FROM mysql.user"
q "$@" -e "SELECT CONCAT('open ', User, '@', Host) FROM mysql.user WHERE COALESCE(authentication_string, '')='' AND COALESCE(Password, '')='' AND plugin IN ('', 'mysql_native_password') AND COALESCE(is_role, 'N')='N' AND User<>'mariadb.sys'"
q "$@" -e "SELECT DISTINCT CONCAT('past ', REPLACE(GRANTEE, '\\'', '')) FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE IN ('SUPER', 'READ_ONLY ADMIN', 'READ ONLY ADMIN') AND GRANTEE LIKE '%@%' AND GRANTEE NOT LIKE '%@\\'localhost\\''"
q "$@" -e "SELECT CONCAT('lead ', epoch, ' ', node) FROM holdfast.lead ORDER BY epoch DESC LIMIT 1"
d=$(q "$@" -e 'SELECT @@datadir') && [ -d "$d" ] && du -sk "$d" | sed 's/^/data /'
:`,
  parse(output) {
    const lines = output.split('\n');
    const after = (word: string): string[] =>
      lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
    const pairs = (word: string): Record<string, string> =>
      Object.fromEntries(
        after(word).map((line) => {
          const [name = '', ...rest] = line.split(' ');
          return [name, rest.join(' ').trim()];
        }),
      );
    const [lead] = after('lead');
    return {
      version: parseVersion(after('version')[0]),
      isRunning: lines.includes('running'),
      isAsked: lines.includes('asked'),
      variables: pairs('var'),
      slave: pairs('slave'),
      accounts: after('account'),
      noPassword: after('open'),
      pastReadOnly: after('past'),
      lead:
        lead === undefined
          ? undefined
          : { epoch: Number(lead.split(' ')[0]), node: lead.split(' ')[1] ?? '' },
      dataBytes: Number(after('data')[0]?.split(/\s/)[0] ?? 0) * 1_024,
      conf: after('conf').map((line) => {
        const [path = '', text = ''] = line.split(' ');
        return { path, text: Buffer.from(text, 'base64').toString() };
      }),
    };
  },
  /** Positions, threads and sizes move by themselves; who leads is what a plan was made for. */
  stable: ({ version, lead, variables }) => ({
    version: version?.text ?? null,
    lead: lead ?? null,
    readOnly: variables.read_only ?? null,
  }),
};

/** The state of MariaDB on a host. @param etc the folder of `PairPaths` */
export function stateOf(host: HostName, etc: string): FactQuery<MariadbState, StateArgs> {
  return ask(host, state, { options: `${etc}/local.cnf` });
}

/** `mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 …` */
function parseVersion(line: string | undefined): Version | undefined {
  const [, text, major, minor] = /(?:Ver|Distrib) ((\d+)\.(\d+)[.\d]*)/.exec(line ?? '') ?? [];
  return text === undefined ? undefined : { text, major: Number(major), minor: Number(minor) };
}

/** Whether a version that is known is older than this. */
export function isOlder(version: Version | undefined, major: number, minor: number): boolean {
  if (version === undefined) return false;
  return version.major < major || (version.major === major && version.minor < minor);
}
