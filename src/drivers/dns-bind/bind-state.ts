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
  /** By path, those that exist and are given in full. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Configuration files that hold a secret: their content stays on the host. */
  readonly secretive: readonly string[];
  /** Whether any of them includes {@link OWN_CONFIG}. */
  readonly includesOwn: boolean;
}

/** Beside named.conf: the zone statements that Holdfast adds. */
export const OWN_CONFIG = 'named.conf.holdfast';

export interface BindStateArgs {
  /** Looked at before the usual places. */
  readonly configFile: string | undefined;
  readonly zoneFiles: readonly string[];
  /** Pieces of configuration that a plan may have to add to. */
  readonly configs: readonly string[];
}

/** Where Debian and Red Hat have it. */
const CONFIG_FILES = ['/etc/bind/named.conf', '/etc/named.conf'];

/** The fact; contents travel as base64, so that any encoding and any last line pass through. */
export const bindState: FactKind<BindState, BindStateArgs> = {
  name: 'bind-state',
  command: ({ configFile, zoneFiles, configs }) => {
    const configFiles = [...(configFile === undefined ? [] : [configFile]), ...CONFIG_FILES];
    return `for m in apt-get dnf yum; do command -v $m >/dev/null 2>&1 && echo "manager $m" && break; done
if command -v named-checkconf >/dev/null 2>&1; then
  for c in ${words(configFiles)}; do
    [ -r "$c" ] || continue
    echo "config-file $c"
    t=$(named-checkconf -px "$c" 2>/dev/null) && { printf 'config '; printf '%s' "$t" | base64 | tr -d '\\n'; echo; }
    break
  done
fi
give() { [ -f "$1" ] && [ -r "$1" ] && { printf 'file '; base64 <"$1" | tr -d '\\n'; echo " $1"; }; }
for f in ${words(zoneFiles)}; do give "$f"; done
for f in ${words(configs)}; do
  [ -f "$f" ] && grep -q '^[[:space:]]*include.*/${OWN_CONFIG}"' "$f" && echo "own $f"
  if [ -f "$f" ] && grep -qi secret "$f"; then echo "secretive $f"; else give "$f"; fi
done
exit 0`;
  },
  parse(output) {
    const files = new Map<string, Uint8Array>();
    const secretive: string[] = [];
    const said = new Map<string, string>();
    for (const line of output.split('\n')) {
      const [, word, rest] = /^(\S+) (.*)$/.exec(line) ?? [];
      if (word === undefined || rest === undefined) continue;
      const [, base64, path] = /^(\S*) (.*)$/.exec(rest) ?? [];
      if (word === 'secretive') secretive.push(rest);
      else if (word !== 'file') said.set(word, rest);
      else if (base64 !== undefined && path !== undefined) files.set(path, Buffer.from(base64, 'base64'));
    }
    const config = said.get('config');
    return {
      packageManager: said.get('manager') as BindState['packageManager'],
      configFile: said.get('config-file'),
      config: config === undefined ? undefined : Buffer.from(config, 'base64').toString(),
      files,
      secretive,
      includesOwn: said.has('own'),
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

function words(paths: readonly string[]): string {
  return paths.map(quote).join(' ');
}
