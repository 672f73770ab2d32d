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

export function configOf(host: HostName, path: string): FactQuery<string | undefined, PathArgs> {
  return ask(host, config, { path });
}

export function installedOn(host: HostName): FactQuery<Marker | undefined, void> {
  return ask(host, installed, undefined);
}

export function nameViewOf(host: HostName, name: string): FactQuery<NameView, { readonly name: string }> {
  return ask(host, nameView, { name });
}
