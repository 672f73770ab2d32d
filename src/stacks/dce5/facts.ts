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

/**
 * Masks the values of keys that end in `pass`, `password` or `passwd`, line by line, so that lines keep their numbers.
 * In block style nothing of the line is kept, nor of the lines that belong to the value; in flow style what comes after
 * the value is. In comments nothing of the line is kept. Where a quote does not end on its line nothing below is kept.
 */
const MASK = String.raw`BEGIN { held = -1; word = "[A-Za-z_]*[Pp]ass(word|wd)?[\"']?[ \t]*:" }
rest { print ""; next }
{
  match($0, /^ */); indent = RLENGTH
  if (held >= 0 && ($0 ~ /^[ \t\r]*$/ || indent > held || (indent == held && $0 ~ /^ *-[ \t]/))) { print ""; next }
  held = -1; line = $0; out = open ? substr($0, 1, indent) : ""
  if (open && !sub(/^[^],}]*/, "", line)) line = ""
  if (open && line == "") { print ""; next }
  open = 0
  if (line ~ "^[ \t]*#" && match(line, word)) { print substr(line, 1, RSTART + RLENGTH - 1) " ***"; next }
  if (match(line, "^ *(-[ \t]+)*[\"']?" word)) {
    key = substr(line, 1, RLENGTH)
    match(key, /^[ \t-]*/); held = RLENGTH
    print key " \"***\""; next
  }
  while (match(line, word)) {
    before = substr(line, 1, RSTART - 1); key = substr(line, RSTART, RLENGTH); line = substr(line, RSTART + RLENGTH)
    out = out before key
    if (out ~ /[ \t]#/) { line = " ***"; break }
    out = out " \"***\""
    sub(/^[ \t]*/, "", line)
    if (match(line, /^"([^"\\]|\\.)*"/) || match(line, /^'([^']|'')*'/)) line = substr(line, RLENGTH + 1)
    else if (line ~ /^["']/) { line = ""; rest = 1 }
    else {
      match(line, /^[^],}]*/); value = substr(line, 1, RLENGTH); line = substr(line, RLENGTH + 1)
      if (value ~ /(^|[ \t])#/) { line = ""; open = 1 }
      else if (line == "") open = 1
    }
  }
  print out line
}`;

/** The text of an existing clusterConfig.yaml with every password masked; undefined where there is none. */
const config: FactKind<string | undefined, PathArgs> = {
  name: 'dce5-config',
  command: ({ path }) => `[ -r ${quote(path)} ] && awk ${quote(MASK)} ${quote(path)}; :`,
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
