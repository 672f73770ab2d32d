import type { HostsFile } from './audit-file.ts';
import { wordsByLine } from './lines.ts';

/** Parses a hosts file; a line with an address and no name says nothing and is passed over. */
export function parseHostsFile(file: string, text: string): HostsFile {
  const entries = wordsByLine(file, text, /#.*$/).flatMap(([address, ...names]) =>
    names.map((name) => ({
      name: name.text.toLowerCase().replace(/\.$/, ''),
      address: (address as { text: string }).text,
      position: name.position,
    })),
  );
  return { entries };
}
