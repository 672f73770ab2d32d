/** What is known of the keepalived of one host: the driver's own fact. */
import type { FactKind } from '../hosts/fact.ts';
import { KEEPALIVED_CONF } from './vrrp-paths.ts';

/** A program that keepalived.conf has keepalived run. */
export interface CheckScript {
  readonly path: string;
  /** As `stat -c %a` says it; undefined where there is none. */
  readonly mode: string | undefined;
  readonly owner: string;
  /** Whether nothing in it asks more than whether a port is open, or a process there. */
  readonly isShallow: boolean;
}

export interface KeepalivedState {
  /** `2.2.7`; undefined where it is not installed. */
  readonly version: string | undefined;
  /** keepalived.conf with every password replaced; undefined where there is none. */
  readonly conf: string | undefined;
  /** Whether that file holds a password. */
  readonly hasPassword: boolean;
  /** Those that `script` lines of the file name. */
  readonly scripts: readonly CheckScript[];
  /** Whether rules in the kernel name VRRP (its protocol, its number or its group). */
  readonly firewallNamesVrrp: boolean;
}

/** keepalived(8) `--version` writes to standard error. Firewalls are listed only where their tables are loaded. */
export const keepalivedState: FactKind<KeepalivedState> = {
  name: 'keepalived-state',
  command: () => `if command -v keepalived >/dev/null 2>&1; then
  keepalived --version 2>&1 | sed -n 's/^Keepalived v\\([0-9.]*\\).*/version \\1/p' | head -n 1
fi
f=${KEEPALIVED_CONF}
if [ -r "$f" ]; then
  grep -q '^[[:space:]]*auth_pass' "$f" && echo password
  printf 'conf '; sed -e 's/\\(auth_pass[[:space:]]\\{1,\\}\\)"\\{0,1\\}[^[:space:]"#!]\\{9,\\}.*/\\1*** (more than 8)/;t' -e 's/\\(auth_pass[[:space:]]*\\)[^[:space:]].*/\\1***/' "$f" | base64 | tr -d '\\n'; echo
  sed -n 's/^[[:space:]]*script[[:space:]]\\{1,\\}"\\{0,1\\}\\([^[:space:]"]*\\).*/\\1/p' "$f" | sort -u | while read -r s; do
    t=$(sed 's/#.*//' "$s" 2>/dev/null) d=deep
    if printf '%s' "$t" | grep -Eqw 'nc|ncat|telnet|ss|netstat|lsof|pidof|pgrep|/dev/tcp/.*'; then
      printf '%s' "$t" | grep -Eqw 'mysql|mariadb|mysqladmin|mariadb-admin|curl|wget|psql|redis-cli|etcdctl' || d=shallow
    fi
    echo "script $s $(stat -Lc '%a %U' "$s" 2>/dev/null || echo '- -') $d"
  done
fi
{ grep -q '^filter$' /proc/net/ip_tables_names 2>/dev/null && iptables -S
  [ -d /sys/module/nf_tables ] && nft list ruleset; } 2>/dev/null |
  grep -Eiq 'vrrp|-p 112|protocol 112|l4proto 112|224[.]0[.]0[.]18' && echo firewall-names-vrrp
exit 0`,
  parse(output) {
    const lines = output.split('\n');
    const after = (word: string): string | undefined =>
      lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1);
    const conf = after('conf');
    return {
      version: after('version'),
      conf: conf === undefined ? undefined : Buffer.from(conf, 'base64').toString(),
      hasPassword: lines.includes('password'),
      scripts: lines.filter((line) => line.startsWith('script ')).map(scriptOf),
      firewallNamesVrrp: lines.includes('firewall-names-vrrp'),
    };
  },
};

/** `script PATH MODE OWNER DEPTH`; `- -` where there is none. Its text stays there: it may hold a password. */
function scriptOf(line: string): CheckScript {
  const [, path = '', mode, owner = '', depth] = line.split(' ');
  return { path, mode: mode === '-' ? undefined : mode, owner, isShallow: depth === 'shallow' };
}
