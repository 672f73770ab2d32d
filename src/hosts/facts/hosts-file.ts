import { isIP } from 'node:net';
import type { FactKind } from '../fact.ts';

/** One line of /etc/hosts that says something. */
export interface HostsEntry {
  /** Counted from 1. */
  readonly line: number;
  readonly address: string;
  /** In lower case, without a final dot. */
  readonly names: readonly string[];
}

/** hosts(5). It beats DNS wherever nsswitch.conf has `files` first, which is everywhere. */
export const hostsFile: FactKind<readonly HostsEntry[]> = {
  name: 'hosts-file',
  command: () => 'cat /etc/hosts',
  parse: (output) =>
    output.split('\n').flatMap((line, index) => {
      const [address = '', ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
      if (isIP(address.replace(/%.*$/, '')) === 0 || names.length === 0) return [];
      return [
        { line: index + 1, address, names: names.map((name) => name.toLowerCase().replace(/\.$/, '')) },
      ];
    }),
  /** Where a line stands does not matter to who asks. */
  stable: (entries) => entries.map(({ address, names }) => [address, names]),
};

/** Every entry that gives this name an address. */
export function entriesFor(entries: readonly HostsEntry[], name: string): readonly HostsEntry[] {
  const wanted = name.toLowerCase().replace(/\.$/, '');
  return entries.filter(({ names }) => names.includes(wanted));
}
