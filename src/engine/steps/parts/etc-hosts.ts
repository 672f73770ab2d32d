/** Edits of an /etc/hosts file (hosts(5)) that change as little as can be: pure, byte for byte elsewhere. */
import { canonicalAddress } from '../../../site/address.ts';

export interface HostsEntry {
  readonly address: string;
  readonly names: readonly string[];
}

export interface HostsWish {
  /** Names that no line may hold, neither first nor as an alias. */
  readonly absent: readonly string[];
  /** Each name stands on exactly one line of its address's family, with this address. */
  readonly entries: readonly HostsEntry[];
}

/**
 * Gives the file as it should be; the same text where it is right already. A removal keeps the other names of a line
 * and its comment; a line that loses its last name goes, its comment stays.
 */
export function editHosts(text: string, wish: HostsWish): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const kept = lines.flatMap((line) => {
    const [body, ending] = splitEnding(line);
    return editLine(body, wish).map((edited) => edited + ending);
  });
  const missing = wish.entries.flatMap((entry) => missingLine(kept, entry));
  if (missing.length === 0) return kept.join('');
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const before = kept.join('');
  const gap = before === '' || before.endsWith('\n') ? '' : eol;
  return before + gap + missing.map((line) => line + eol).join('');
}

function splitEnding(line: string): [body: string, ending: string] {
  const body = line.replace(/\r?\n$/, '');
  return [body, line.slice(body.length)];
}

/** Names of an address that a file's text gives, for checking: `[address, name]` in order, names in lower case. */
export function namesIn(text: string): [address: string, name: string][] {
  return text.split(/\r?\n/).flatMap((line) => {
    const { address, names } = parseLine(line);
    return address === undefined ? [] : names.map((name): [string, string] => [address, fold(name)]);
  });
}

function editLine(line: string, wish: HostsWish): string[] {
  const { address, names, comment } = parseLine(line);
  if (address === undefined) return [line];
  const unwanted = names.filter((name) => !mayStand(address, fold(name), wish));
  if (unwanted.length === 0) return [line];
  if (unwanted.length === names.length) return comment === '' ? [] : [comment];
  return [unwanted.reduce(removeWord, line)];
}

/** A wanted name may stand beside its address only; another family's address does not contradict it (A beside AAAA). */
function mayStand(address: string, name: string, wish: HostsWish): boolean {
  if (wish.absent.some((absent) => fold(absent) === name)) return false;
  const rivals = wish.entries.filter(
    (entry) => isV6(entry.address) === isV6(address) && entry.names.some((wanted) => fold(wanted) === name),
  );
  return rivals.length === 0 || rivals.some((entry) => sameAddress(entry.address, address));
}

/** Takes one name out of a line's part before the comment, with the blanks before it. */
function removeWord(line: string, word: string): string {
  const at = line.indexOf('#');
  const [body, comment] = at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at)];
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return body.replace(new RegExp(`[ \\t]+${escaped}(?=[ \\t]|$)`), '') + comment;
}

/** The line that is to be added: the entry's names that no line of its address holds yet. */
function missingLine(lines: readonly string[], entry: HostsEntry): string[] {
  const there = new Set(
    lines.flatMap((line) => {
      const { address, names } = parseLine(line);
      return address !== undefined && sameAddress(address, entry.address) ? names.map(fold) : [];
    }),
  );
  const missing = entry.names.filter((name) => !there.has(fold(name)));
  return missing.length === 0 ? [] : [`${entry.address}\t${missing.join(' ')}`];
}

function parseLine(line: string): { address?: string; names: string[]; comment: string } {
  const at = line.indexOf('#');
  const body = at < 0 ? line : line.slice(0, at);
  const [address, ...names] = body.split(/[ \t\r\n]+/).filter((word) => word !== '');
  const comment = at < 0 ? '' : line.slice(at);
  return address === undefined ? { names: [], comment } : { address, names, comment };
}

/** Names in the file are compared without case (RFC 4343) and without a final dot. */
function fold(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function isV6(address: string): boolean {
  return address.includes(':');
}

function sameAddress(a: string, b: string): boolean {
  return canonicalAddress(a) === canonicalAddress(b);
}
