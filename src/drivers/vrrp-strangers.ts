/**
 * Who answers for an address on its segment, by ARP or neighbour discovery. Two machines that have one address are an
 * outage that comes and goes: each of them is all right by itself, and clients reach the one or the other.
 */
import { type Command, sh } from '../hosts/shell.ts';

/**
 * Asks by ARP without an address of its own, so that nobody's table is changed (RFC 5227 §2.1.1), twice within a second, and
 * prints the MAC addresses of all that answer. packet(7): the frame goes out and comes in whole.
 */
const ARP_PROBE = String.raw`
use Socket; use Time::HiRes "time";
my ($if, $address) = @ARGV;
sub own { open my $f, "<", "/sys/class/net/$if/$_[0]" or exit 1; my $line = <$f>; chomp $line; $line }
my ($index, $mac, $asked) = (own("ifindex"), pack("H12", join "", split /:/, own("address")), inet_aton($address));
socket(my $s, 17, SOCK_RAW, unpack("S", pack("n", 0x0806))) or exit 1;
my $all = pack("S n i S C C a8", 17, 0x0806, $index, 1, 0, 6, "\xff" x 6);
bind($s, $all) or exit 1;
my $frame = ("\xff" x 6) . $mac . pack("n n n C C n", 0x0806, 1, 0x0800, 6, 4, 1) . $mac . ("\0" x 10) . $asked;
for (1, 2) {
  send($s, $frame, 0, $all);
  my $end = time + 0.5;
  while ((my $left = $end - time) > 0) {
    my $r = ""; vec($r, fileno($s), 1) = 1;
    next unless select($r, undef, undef, $left);
    recv($s, my $p, 128, 0);
    my ($operation, $sender, $its) = unpack("x20 n a6 a4", $p);
    next unless length $p >= 42 && $operation == 2 && $its eq $asked;
    my $one = join ":", unpack("(H2)6", $sender);
    print "$one\n" unless $seen{$one}++;
  }
}
`;

/**
 * A shell function `who_answers ADDRESS INTERFACE`: a MAC address a line. arping(8), iputils' and Habets', asks twice and
 * hears all, and so does perl; with ping(8) alone, and for IPv6, the neighbour table knows one of them.
 */
const WHO_ANSWERS: Command = sh`who_answers() {
  case $1 in
  *:*) ;;
  *)
    if command -v arping >/dev/null 2>&1; then
      arping -c 2 -w 2 -I "$2" "$1" 2>/dev/null | grep -Eo '([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}' | sort -u
      return 0
    fi
    if command -v perl >/dev/null 2>&1; then perl -e ${ARP_PROBE} "$2" "$1" && return 0; fi
    ;;
  esac
  ping -c 1 -W 1 "$1" >/dev/null 2>&1
  n=0
  while ip neigh show to "$1" dev "$2" 2>/dev/null | grep -Eq 'STALE|DELAY|PROBE|INCOMPLETE' && [ "$n" -lt 10 ]; do
    n=$((n + 1)); sleep 1
  done
  ip neigh show to "$1" dev "$2" 2>/dev/null | sed -n 's/.*lladdr \\([0-9a-f:]*\\) REACHABLE.*/\\1/p' | head -n 1
}`;

/**
 * `answers ADDRESS MAC` for all that answer for those of the addresses which the host does not have itself.
 * @param on the interface to ask on; absent: the one that leads there, where no router does
 */
export function answersCommand(addresses: readonly string[], on?: string): Command {
  const route = sh`i=$(ip route get "$a" 2>/dev/null | grep -v ' via ' | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p' | head -n 1)`;
  return sh`${WHO_ANSWERS}
for a in ${addresses}; do
  if ip -o addr show to "$a" 2>/dev/null | grep -q .; then continue; fi
  ${on === undefined ? route : sh`i=${on}`}
  [ -z "$i" ] || who_answers "$a" "$i" | sed "s/^/answers $a /"
done`;
}

/** What a host heard of its own MAC addresses, and of who answers for those of the addresses that it does not have. */
export interface Segment {
  readonly own: readonly string[];
  readonly answering: readonly { readonly address: string; readonly mac: string }[];
}

/** The host's own MAC addresses, and who answers. */
export function segmentCommand(addresses: readonly string[]): Command {
  return sh`cat /sys/class/net/*/address 2>/dev/null | sed 's/^/own /'
${answersCommand(addresses)}
exit 0`;
}

/** The output of the commands above; other lines may stand in it. */
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
