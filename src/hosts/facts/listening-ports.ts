import type { FactKind } from '../fact.ts';
import { readProcNet } from './parse/proc-net.ts';
import { readSections } from './parse/sections.ts';

export interface ListeningPort {
  readonly protocol: 'tcp' | 'udp';
  /** `0.0.0.0` and `::` for all. */
  readonly address: string;
  readonly port: number;
  /** Known to root only. */
  readonly process?: string;
}

/** Above this, ports are handed out by the kernel (ip_local_port_range's default) and change by themselves. */
const EPHEMERAL_FROM = 32_768;

/** ss(8), else netstat(8), else /proc/net (proc(5)), which names no process. */
export const listeningPorts: FactKind<readonly ListeningPort[]> = {
  name: 'listening-ports',
  command: () => `if command -v ss >/dev/null 2>&1; then echo '## ss'; ss -lntup
elif command -v netstat >/dev/null 2>&1; then echo '## netstat'; netstat -lntup
else for table in tcp tcp6 udp udp6; do echo "## $table"; cat "/proc/net/$table"; done; fi`,
  parse(output) {
    const sections = readSections(output);
    const found = [
      ...(sections.get('ss') ?? []).flatMap((line) => fromSs(line) ?? []),
      ...(sections.get('netstat') ?? []).flatMap((line) => fromNetstat(line) ?? []),
      ...(['tcp', 'tcp6', 'udp', 'udp6'] as const).flatMap((table) =>
        readProcNet(table, sections.get(table) ?? []),
      ),
    ];
    // Several workers on one port are one fact.
    const unique = new Map(found.map((each) => [keyOf(each), each]));
    return [...unique.values()].sort((a, b) => a.port - b.port || (keyOf(a) < keyOf(b) ? -1 : 1));
  },
  stable: (all) => all.filter(({ port }) => port < EPHEMERAL_FROM).map(keyOf),
};

function keyOf({ protocol, address, port }: ListeningPort): string {
  return `${protocol} ${address} ${port}`;
}

/** `tcp LISTEN 0 128 *:22 *:* users:(("sshd",pid=1,fd=3))`; CentOS 7 writes `(("sshd",1,3))`. */
function fromSs(line: string): ListeningPort | undefined {
  const [, protocol, local, , rest = ''] =
    /^(tcp|udp)\s+\S+\s+\d+\s+\d+\s+(\S+:\d+)\s+(\S+:\S+)(.*)$/.exec(line) ?? [];
  return local === undefined
    ? undefined
    : toPort(protocol as 'tcp' | 'udp', local, /\(\("([^"]+)"/.exec(rest)?.[1]);
}

/** `tcp6 0 0 :::22 :::* LISTEN 812/sshd`; udp has no state. */
function fromNetstat(line: string): ListeningPort | undefined {
  const [, protocol, local, rest = ''] =
    /^(tcp|udp)6?\s+\d+\s+\d+\s+(\S+:\d+)\s+\S+\s*(.*)$/.exec(line) ?? [];
  if (local === undefined || (protocol === 'tcp' && !rest.startsWith('LISTEN'))) return undefined;
  return toPort(protocol as 'tcp' | 'udp', local, /\b\d+\/([^\s:]+)/.exec(rest)?.[1]);
}

function toPort(protocol: 'tcp' | 'udp', local: string, process: string | undefined): ListeningPort {
  const colon = local.lastIndexOf(':');
  const written = local
    .slice(0, colon)
    .replace(/%[^\]]*/, '')
    .replace(/^\[|\]$/g, '');
  // A bare `*` is both families at once: a socket of IPv6 that takes IPv4, too.
  const address = written === '*' ? '::' : written;
  return {
    protocol,
    address: local.startsWith(':::') ? '::' : address,
    port: Number(local.slice(colon + 1)),
    ...(process === undefined ? {} : { process }),
  };
}
