/** What is asked of hosts before a plan. Passwords are masked on the host: no fact ever holds one. */
import { ask, type FactKind, type FactQuery } from '../../hosts/fact.ts';
import { quote } from '../../hosts/shell.ts';
import type { HostName } from '../../site/model.ts';
import { type Marker, parseMarker } from './install/marker.ts';
import { type NameView, nameViewCommand, readNameView } from './name-view.ts';

/** Where the marker and the log of the installer are, on each node. */
export const STATE_FOLDER = '/var/lib/holdfast/dce5';

interface PathArgs {
  readonly path: string;
}

/** Values of keys that end in `pass`, `password` or `passwd`, whichever quotes they have, in block and flow style. */
const MASK = `s/([A-Za-z_]*[Pp]ass(word|wd)?["']?[[:space:]]*:[[:space:]]*)("([^"\\\\]|\\\\.)*"|'[^']*'|[^,}#"'[:space:]][^,}#]*)/\\1"***"/g`;

/** The text of an existing clusterConfig.yaml with every password masked; undefined where there is none. */
const config: FactKind<string | undefined, PathArgs> = {
  name: 'dce5-config',
  command: ({ path }) => `[ -r ${quote(path)} ] && sed -E ${quote(MASK)} ${quote(path)}; :`,
  parse: (output) => (output.trim() === '' ? undefined : output),
};

/** What the installer was last run for on a node. */
const installed: FactKind<Marker | undefined> = {
  name: 'dce5-installed',
  command: () => `cat ${STATE_FOLDER}/installed.json 2>/dev/null; :`,
  parse: parseMarker,
};

/** See `name-view.ts`. */
const nameView: FactKind<NameView, { readonly name: string }> = {
  name: 'dce5-name-view',
  command: ({ name }) => nameViewCommand(name),
  parse: (output, { name }) => readNameView(output, name),
  /** Who answers may change between plan and apply; whether something overrides DNS may not. */
  stable: ({ overrides, coredns }) => ({ overrides, coredns: coredns ?? null }),
};

/** Which container tools a host has, and whether one of their places trusts the name. */
export interface Trust {
  readonly runtimes: readonly string[];
  /** Files and folders that speak of the name. */
  readonly places: readonly string[];
  /** Whether the system's authorities accept what the name serves; undefined: not asked (no openssl, or no answer). */
  readonly system: boolean | undefined;
}

const trust: FactKind<Trust, { readonly name: string }> = {
  name: 'dce5-trust',
  command: ({ name }) => `n=${quote(name)}
for pair in containerd:/etc/containerd docker:/etc/docker skopeo:/etc/containers; do
[ -d "\${pair#*:}" ] && command -v "\${pair%%:*}" >/dev/null && echo "runtime \${pair%%:*}"; done
for place in "/etc/containerd/certs.d/$n" "/etc/docker/certs.d/$n" "/etc/containers/certs.d/$n" "/etc/containerd/certs.d/_default"; do
for found in "$place" "$place":*; do [ -d "$found" ] && echo "place $found"; done; done
for file in /etc/containerd/config.toml /etc/docker/daemon.json /etc/containers/registries.conf /etc/containers/registries.conf.d/*.conf; do
[ -r "$file" ] && grep -qF -- "$n" "$file" && echo "place $file"; done
if command -v openssl >/dev/null && command -v timeout >/dev/null; then
said=$(timeout 5 openssl s_client -connect "$n:443" -servername "$n" </dev/null 2>/dev/null | sed -n 's/^ *Verify return code: \\([0-9]*\\).*/\\1/p' | head -n 1)
[ -n "$said" ] && echo "system $said"; fi
:`,
  parse(output) {
    const words = output.split('\n').map((line) => line.split(' '));
    const valuesOf = (key: string): string[] =>
      words.filter(([first]) => first === key).map(([, value]) => value as string);
    const [said] = valuesOf('system');
    return {
      runtimes: valuesOf('runtime'),
      places: valuesOf('place'),
      system: said === undefined ? undefined : said === '0',
    };
  },
  stable: () => null,
};

export function configOf(host: HostName, path: string): FactQuery<string | undefined, PathArgs> {
  return ask(host, config, { path });
}

export function installedOn(host: HostName): FactQuery<Marker | undefined, void> {
  return ask(host, installed, undefined);
}

export function nameViewOf(host: HostName, name: string): FactQuery<NameView, { readonly name: string }> {
  return ask(host, nameView, { name });
}

export function trustOf(host: HostName, name: string): FactQuery<Trust, { readonly name: string }> {
  return ask(host, trust, { name });
}
