/** How each program of a cluster is started: its command line, and what systemd must know of it. Pure. */

export interface Start {
  /** Of its unit: `kube-apiserver` → `kube-apiserver.service`. */
  readonly name: string;
  readonly description: string;
  readonly argv: readonly [string, ...string[]];
  /** It tells systemd itself when it is ready (sd_notify(3)); otherwise it counts as started at once. */
  readonly tellsReady: boolean;
  /** Units of the same host that it should be started after. */
  readonly after: readonly string[];
  /** It keeps files of fixed names in /tmp, and gets a /tmp of its own. */
  readonly privateTmp: boolean;
  /** A line for `sh -c`, run before each start. */
  readonly prepare?: string;
}

/** Flags in a fixed order: `{ 'bind-address': '0.0.0.0' }` → `--bind-address=0.0.0.0`. */
export function flags(values: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}

/**
 * The unit file. It is restarted for ever, as API servers and controllers end by themselves when etcd or the lease is
 * lost, and must come back without a limit on how often.
 */
export function unitText(start: Start): string {
  const after = ['network-online.target', ...start.after.map((name) => `${name}.service`)];
  const lines = [
    '[Unit]',
    `Description=${escapePercent(start.description)}`,
    'Wants=network-online.target',
    `After=${after.join(' ')}`,
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    `Type=${start.tellsReady ? 'notify' : 'exec'}`,
    ...(start.prepare === undefined ? [] : [`ExecStartPre=/bin/sh -c ${quoteUnitWord(start.prepare)}`]),
    `ExecStart=${start.argv.map(quoteUnitWord).join(' \\\n  ')}`,
    'Restart=always',
    'RestartSec=1',
    'LimitNOFILE=65536',
    ...(start.privateTmp ? ['PrivateTmp=yes'] : []),
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ];
  return `${lines.join('\n')}\n`;
}

/** A word of ExecStart, see systemd.service(5): `%` and `$` stand for themselves only when doubled. */
function quoteUnitWord(word: string): string {
  const escaped = escapePercent(word).replaceAll('$', '$$$$');
  if (/^[\w/.:=@,*%$-]+$/.test(escaped)) return escaped;
  return `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function escapePercent(text: string): string {
  return text.replaceAll('%', '%%');
}
