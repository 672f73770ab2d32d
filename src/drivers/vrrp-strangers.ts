/**
 * Who answers for an address on its segment, by ARP or neighbour discovery. Two machines that have one address are an
 * outage that comes and goes: each of them is all right by itself, and clients reach the one or the other.
 */
import { type Command, sh } from '../hosts/shell.ts';

/**
 * A shell function `who_answers ADDRESS INTERFACE`: a MAC address a line. arping(8), iputils' and Habets', asks twice and
 * hears all; without it ping(8) and the neighbour table know one of them.
 */
export const WHO_ANSWERS: Command = sh`who_answers() {
  case $1 in *:*) arping=;; *) arping=$(command -v arping);; esac
  if [ -n "$arping" ]; then
    arping -c 2 -w 2 -I "$2" "$1" 2>/dev/null | grep -Eo '([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}' | sort -u
    return 0
  fi
  ping -c 1 -W 1 "$1" >/dev/null 2>&1
  n=0
  while ip neigh show to "$1" dev "$2" 2>/dev/null | grep -Eq 'STALE|DELAY|PROBE|INCOMPLETE' && [ "$n" -lt 10 ]; do
    n=$((n + 1)); sleep 1
  done
  ip neigh show to "$1" dev "$2" 2>/dev/null | sed -n 's/.*lladdr \\([0-9a-f:]*\\) REACHABLE.*/\\1/p' | head -n 1
}`;

/** What a host heard of its own MAC addresses, and of who answers for those of the addresses that it does not have. */
export interface Segment {
  readonly own: readonly string[];
  readonly answering: readonly { readonly address: string; readonly mac: string }[];
}

/** Asks for each address that the host does not have itself, on the interface that leads there. */
export function segmentCommand(addresses: readonly string[]): Command {
  return sh`${WHO_ANSWERS}
cat /sys/class/net/*/address 2>/dev/null | sed 's/^/own /'
for a in ${addresses}; do
  if ip -o addr show to "$a" 2>/dev/null | grep -q .; then continue; fi
  i=$(ip route get "$a" 2>/dev/null | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p' | head -n 1)
  [ -z "$i" ] || ip route get "$a" | grep -q ' via ' || who_answers "$a" "$i" | sed "s/^/answers $a /"
done
exit 0`;
}

/** The output of the command above. */
export function parseSegment(output: string): Segment {
  const lines = output.split('\n').map((line) => line.split(' '));
  return {
    own: lines.flatMap(([word, mac]) => (word === 'own' && mac !== undefined ? [mac.toLowerCase()] : [])),
    answering: lines.flatMap(([word, address, mac]) =>
      word === 'answers' && address !== undefined && mac !== undefined
        ? [{ address, mac: mac.toLowerCase() }]
        : [],
    ),
  };
}

/**
 * Machines that answer for an address and are none of the hosts that were asked, each once: `10.0.0.5 at 02:…`.
 * @param segments of all hosts that may have the addresses: one that is missing here would be taken for a stranger
 */
export function strangersOn(segments: readonly Segment[]): string[] {
  const known = new Set(segments.flatMap(({ own }) => own));
  const found = segments.flatMap(({ answering }) => answering).filter(({ mac }) => !known.has(mac));
  return [...new Set(found.map(({ address, mac }) => `${address} at ${mac}`))];
}
