/** What is known of the proxies of one host: the drivers' own fact. */
import type { FactKind } from '../hosts/fact.ts';
import { sh } from '../hosts/shell.ts';

export interface ProxyState {
  readonly packageManager: 'apt-get' | 'dnf' | 'yum' | undefined;
  /** Of the packages that a proxy needs. */
  readonly installed: readonly string[];
  /** What nginx was told last, where there is such a file. */
  readonly servers: string | undefined;
}

interface ProxyStateArgs {
  /** Path of nginx's servers. */
  readonly servers: string;
}

const PACKAGES = ['haproxy', 'nginx', 'libnginx-mod-stream', 'nginx-mod-stream', 'socat'];

/** dpkg-query(1), rpm(8). */
export const proxyState: FactKind<ProxyState, ProxyStateArgs> = {
  name: 'proxy-state',
  command: ({ servers }) =>
    sh`for m in apt-get dnf yum; do command -v $m >/dev/null 2>&1 && echo "manager $m" && break; done
for p in ${PACKAGES}; do
  if command -v dpkg-query >/dev/null 2>&1; then
    dpkg-query -W -f '\${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed && echo "installed $p"
  elif rpm -q "$p" >/dev/null 2>&1; then echo "installed $p"; fi
done
[ ! -r ${servers} ] || { printf 'servers '; base64 <${servers} | tr -d '\n'; echo; }
exit 0`.text,
  parse(output) {
    const lines = output.split('\n').map((line) => line.split(' '));
    const all = (word: string): string[] =>
      lines.filter(([first]) => first === word).flatMap(([, rest = '']) => (rest === '' ? [] : [rest]));
    const [servers] = all('servers');
    return {
      packageManager: all('manager')[0] as ProxyState['packageManager'],
      installed: all('installed'),
      servers: servers === undefined ? undefined : Buffer.from(servers, 'base64').toString(),
    };
  },
  /** Which member is served changes with every answer, and no plan depends on it. */
  stable: ({ servers: _servers, ...rest }) => rest,
};
