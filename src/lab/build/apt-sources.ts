/** The machine's own package sources, turned into deb-src ones. Pure; see sources.list(5), both formats. */

/** A file of /etc/apt/sources.list.d, or /etc/apt/sources.list itself. */
export interface SourcesFile {
  /** Ends in `.list` (one line an entry) or `.sources` (deb822). */
  readonly name: string;
  readonly text: string;
}

/**
 * The same repositories, for source packages: options, keys and mirrors stay as the machine has them.
 * @param wanted the repositories to keep, as apt writes their addresses; others are nobody's business here
 * @returns files without an entry left out
 */
export function toSourceEntries(
  files: readonly SourcesFile[],
  wanted: ReadonlySet<string>,
): readonly SourcesFile[] {
  const uris = new Set([...wanted].map(withoutSlash));
  return files
    .map(({ name, text }) => ({
      name,
      text: name.endsWith('.sources') ? fromStanzas(text, uris) : fromLines(text, uris),
    }))
    .filter(({ text }) => text !== '');
}

/** `deb [signed-by=…] http://deb.debian.org/debian bookworm main` */
function fromLines(text: string, wanted: ReadonlySet<string>): string {
  const lines = text.split('\n').flatMap((line) => {
    const found = /^\s*deb(?:-src)?\s+((?:\[[^\]]*\]\s+)?(\S+)\s+.*)$/.exec(line.replace(/#.*/, ''));
    return found !== null && wanted.has(withoutSlash(found[2] as string))
      ? [`deb-src ${(found[1] as string).trim()}\n`]
      : [];
  });
  return [...new Set(lines)].join('');
}

function fromStanzas(text: string, wanted: ReadonlySet<string>): string {
  const stanzas = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/\n\s*\n/)
    .filter((stanza) => isWanted(stanza, wanted))
    .map((stanza) => stanza.trim().replace(/^Types:.*$/im, 'Types: deb-src'));
  return stanzas.map((stanza) => `${stanza}\n`).join('\n');
}

function isWanted(stanza: string, wanted: ReadonlySet<string>): boolean {
  if (/^Enabled:\s*(no|false|off|0)\s*$/im.test(stanza)) return false;
  const uris = /^URIs:(.*(?:\n[ \t].*)*)$/im.exec(stanza)?.[1] ?? '';
  return uris
    .trim()
    .split(/\s+/)
    .some((uri) => wanted.has(withoutSlash(uri)));
}

function withoutSlash(uri: string): string {
  return uri.replace(/\/+$/, '');
}
