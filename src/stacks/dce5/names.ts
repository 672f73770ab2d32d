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

/** Lines of a Corefile that name it, e.g. in a `hosts`, `rewrite` or `template` block. Counted from 1. */
export function corefileLines(corefile: string, name: string): { line: number; text: string }[] {
  const wanted = fold(name);
  return corefile.split('\n').flatMap((text, at) => {
    const words = text
      .replace(/#.*$/, '')
      .split(/[\s(){}"|^$]+/)
      .map((word) => fold(word.replaceAll('\\', '').replace(/:\d+$/, '')));
    return words.some((word) => covers(word, wanted)) ? [{ line: at + 1, text: text.trim() }] : [];
  });
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
