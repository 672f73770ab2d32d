import type { FactKind } from '../../hosts/fact.ts';
import { quote } from '../../hosts/shell.ts';

/** What is known of the BIND of one host. */
export interface BindState {
  /** apt-get, dnf or yum; undefined where there is none of them. */
  readonly packageManager: 'apt-get' | 'dnf' | 'yum' | undefined;
  /** named.conf, or undefined where BIND is not installed. */
  readonly configFile: string | undefined;
  /** `named-checkconf -px`: the whole configuration without secrets; undefined where BIND itself refuses it. */
  readonly config: string | undefined;
  /** By path, those that exist. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface BindStateArgs {
  /** Looked at before the usual places. */
  readonly configFile: string | undefined;
  /** Zone files and pieces of configuration. */
  readonly files: readonly string[];
}

/** Where Debian and Red Hat have it. */
const CONFIG_FILES = ['/etc/bind/named.conf', '/etc/named.conf'];

/** The fact; contents travel as base64, so that any encoding and any last line pass through. */
export const bindState: FactKind<BindState, BindStateArgs> = {
  name: 'bind-state',
  command: ({ configFile, files }) => {
    const configFiles = [...(configFile === undefined ? [] : [configFile]), ...CONFIG_FILES];
    return `for m in apt-get dnf yum; do command -v $m >/dev/null 2>&1 && echo "manager $m" && break; done
if command -v named-checkconf >/dev/null 2>&1; then
  for c in ${configFiles.map(quote).join(' ')}; do
    [ -r "$c" ] || continue
    echo "config-file $c"
    t=$(named-checkconf -px "$c" 2>/dev/null) && { printf 'config '; printf '%s' "$t" | base64 | tr -d '\\n'; echo; }
    break
  done
fi
for f in ${files.map(quote).join(' ')}; do
  [ -f "$f" ] && [ -r "$f" ] || continue
  printf 'file '; base64 <"$f" | tr -d '\\n'; echo " $f"
done`;
  },
  parse(output) {
    const files = new Map<string, Uint8Array>();
    const said = new Map<string, string>();
    for (const line of output.split('\n')) {
      const [, word, rest] = /^(\S+) (.*)$/.exec(line) ?? [];
      if (word === undefined || rest === undefined) continue;
      if (word !== 'file') said.set(word, rest);
      else {
        const blank = rest.indexOf(' ');
        files.set(rest.slice(blank + 1), Buffer.from(rest.slice(0, blank), 'base64'));
      }
    }
    const config = said.get('config');
    return {
      packageManager: said.get('manager') as BindState['packageManager'],
      configFile: said.get('config-file'),
      config: config === undefined ? undefined : Buffer.from(config, 'base64').toString(),
      files,
    };
  },
  /** As text: a digest of bytes would list every one of them. */
  stable: ({ files, ...rest }) => ({
    ...rest,
    files: Object.fromEntries(
      [...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')]),
    ),
  }),
};
