import type { Name } from './name.ts';
import { formatRdata } from './rdata.ts';
import { typeName } from './rr-type.ts';
import type { Zone, ZoneNode } from './zone.ts';

/**
 * Writes a zone as a file that every name server reads: the SOA over several lines with what its numbers mean, then
 * name by name, siblings in order, what lies below after what it lies below of. The same zone gives the same bytes.
 */
export function writeZoneFile(zone: Zone): string {
  const lines = [`$ORIGIN ${zone.origin}`, `$TTL ${zone.soa.ttl}`, ...soaLines(zone)];
  for (const node of inOrder(zone.nodes.values())) {
    let owner = relative(node.name, zone.origin);
    const sets = [...node.sets.values()].filter((set) => set !== zone.soa).sort((a, b) => a.type - b.type);
    for (const set of sets) {
      const ttl = set.ttl === zone.soa.ttl ? '' : String(set.ttl);
      for (const data of set.rdatas.map((rdata) => formatRdata(set.type, rdata)).sort()) {
        lines.push([owner.padEnd(23), ttl.padEnd(6), 'IN', typeName(set.type).padEnd(6), data].join(' '));
        owner = '';
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

function soaLines(zone: Zone): string[] {
  const [primary, mailbox, ...numbers] = formatRdata(zone.soa.type, zone.soa.rdatas[0] as Uint8Array).split(
    ' ',
  );
  const meanings = ['serial', 'refresh', 'retry', 'expire', 'negative TTL'];
  return [
    `@ IN SOA ${primary} ${mailbox} (`,
    ...numbers.map((value, index) => `    ${value.padEnd(10)} ; ${meanings[index]}`),
    ')',
  ];
}

/** Canonical order (RFC 4034 §6.1): by labels from the right. */
function inOrder(nodes: Iterable<ZoneNode>): ZoneNode[] {
  const withPath = [...nodes].map((node) => ({ node, path: labelsFromRight(node.name.key) }));
  return withPath.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)).map(({ node }) => node);
}

/** Labels from the right as one string whose order is that of the names; a separator sorts before every byte. */
function labelsFromRight(key: string): string {
  const labels: string[] = [];
  for (let at = 0; key.charCodeAt(at) !== 0; at += 1 + key.charCodeAt(at)) {
    const label = key.slice(at + 1, at + 1 + key.charCodeAt(at));
    labels.unshift([...label].map((character) => String.fromCharCode(character.charCodeAt(0) + 1)).join(''));
  }
  return labels.join('\0');
}

function relative(name: Name, origin: Name): string {
  if (name.equals(origin)) return '@';
  const text = name.toString();
  return origin.isRoot ? text : text.slice(0, text.length - origin.toString().length - 1);
}
