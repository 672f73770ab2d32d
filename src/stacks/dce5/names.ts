/** What on a host would give the endpoint's name another answer than DNS does. Pure. */
import type { HostsEntry } from '../../hosts/facts/hosts-file.ts';

/**
 * Lines that name it, first or as an alias, and lines with a wildcard over it: glibc does not read those, but some
 * resolvers that take a hosts file (dnsmasq, CoreDNS templates made from it) do.
 */
export function overridesOf(entries: readonly HostsEntry[], name: string): HostsEntry[] {
  const wanted = fold(name);
  return entries.filter(({ names }) => names.some((found) => covers(fold(found), wanted)));
}

/**
 * Lines of a Corefile, or of a hosts or zone file beside it, that give the name an answer of their own. Counted from 1.
 * A server block for a parent zone that only forwards is none: it asks the DNS servers that everybody asks.
 */
export function corefileLines(corefile: string, name: string): { line: number; text: string }[] {
  const wanted = fold(name);
  let templateApplies = true;
  return corefile.split('\n').flatMap((text, at) => {
    const words = text.replace(/#.*$/, '').trim().split(/\s+/);
    if (words[0] === 'template') templateApplies = zonesOf(words).every((zone) => isBelow(wanted, zone));
    const names = words
      .join(' ')
      .split(/[\s(){}"|^$]+/)
      .map((word) => fold(word.replaceAll('\\', '').replace(/:\d+$/, '')));
    const isNamed =
      names.some((word) => covers(word, wanted)) ||
      (ANSWERING.has(words[0] ?? '') && zonesOf(words).some((zone) => isBelow(wanted, zone))) ||
      patternsIn(words, templateApplies).some((pattern) => matches(pattern, wanted));
    return isNamed ? [{ line: at + 1, text: text.trim() }] : [];
  });
}

/** Plugins that answer for zones which stand on their line (coredns.io/plugins). */
const ANSWERING = new Set(['template', 'file', 'auto', 'hosts']);

/** Zones on the line of such a plugin, of two labels and more; files and types look otherwise. */
function zonesOf([, ...words]: readonly string[]): string[] {
  return words.map(fold).filter((word) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(word));
}

function isBelow(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** What `match` of a template and `rewrite name regex` hold against names. */
function patternsIn(words: readonly string[], templateApplies: boolean): string[] {
  const afterRegex = words[words.indexOf('regex') + 1];
  if (words[0] === 'rewrite' && words.includes('regex') && afterRegex !== undefined) return [afterRegex];
  return words[0] === 'match' && templateApplies ? words.slice(1) : [];
}

/** Go's syntax (RE2), against the name with and without its final dot; one that cannot be read matches nothing. */
function matches(pattern: string, name: string): boolean {
  try {
    const regex = new RegExp(pattern.replaceAll('(?P<', '(?<').replace(/^"(.*)"$/, '$1'), 'i');
    return regex.test(`${name}.`) || regex.test(name);
  } catch {
    return false;
  }
}

/** A name, or a wildcard: `*.tinder-node-server.com`, and `.tinder-node-server.com` as dnsmasq writes it. */
function covers(found: string, wanted: string): boolean {
  if (found === wanted) return true;
  const suffix = /^\*?(\..+)$/.exec(found)?.[1];
  return suffix !== undefined && wanted.endsWith(suffix);
}

function fold(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
