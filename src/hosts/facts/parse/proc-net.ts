/** One listening socket of /proc/net/{tcp,tcp6,udp,udp6}. */
export interface ProcNetSocket {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
}

/** `st`: 0A is LISTEN; an unconnected UDP socket is 07. */
const LISTENING = { tcp: '0A', udp: '07' } as const;

/**
 * Reads a table of proc(5). Addresses are 32-bit words in the host's byte order: little-endian on everything but
 * s390x, which Holdfast does not run its fallback on.
 */
export function readProcNet(
  table: 'tcp' | 'tcp6' | 'udp' | 'udp6',
  lines: readonly string[],
): ProcNetSocket[] {
  const protocol = table.startsWith('tcp') ? 'tcp' : 'udp';
  return lines.flatMap((line) => {
    const match = /^\s*\d+:\s+([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})\s+\S+\s+([0-9A-F]{2})\s/.exec(line);
    if (match === null || match[3] !== LISTENING[protocol]) return [];
    return [
      { protocol, address: toAddress(match[1] as string), port: Number.parseInt(match[2] as string, 16) },
    ];
  });
}

function toAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number.parseInt(`${bytes[index * 2]}${bytes[index * 2 + 1]}`, 16).toString(16),
  );
  return shorten(groups);
}

/** The longest run of zeros becomes `::` (RFC 5952 §4.2). */
function shorten(groups: readonly string[]): string {
  const runs = [...groups.join(':').matchAll(/(?:^|:)(0(?::0)+)(?=:|$)/g)];
  const longest = runs.sort((a, b) => (b[1] as string).length - (a[1] as string).length)[0];
  const text = groups.join(':');
  if (longest === undefined) return text;
  const start = longest.index + (longest[0].length - (longest[1] as string).length);
  const before = text.slice(0, start).replace(/:$/, '');
  const after = text.slice(start + (longest[1] as string).length).replace(/^:/, '');
  return `${before}::${after}`;
}
