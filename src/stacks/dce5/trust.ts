/**
 * Whose certificates the container tools of a host accept: the installer signs each node's itself, so that a host which
 * was told of the original alone pulls until the first failover. Asked of every host, of every node by its address.
 */
import { ask, type FactKind, type FactQuery } from '../../hosts/fact.ts';
import { quote } from '../../hosts/shell.ts';
import type { HostName } from '../../site/model.ts';

export interface Trust {
  /** Container tools that the host has: containerd, docker, skopeo. */
  readonly runtimes: readonly string[];
  /** Configuration that speaks of the name in a way that only its owner can judge: an insecure registry, a mirror. */
  readonly configured: readonly { readonly runtime: string; readonly path: string }[];
  /** Who accepts what a node serves: `system` or a runtime; undefined: the node does not answer, or no openssl there. */
  readonly nodes: readonly { readonly address: string; readonly acceptedBy: readonly string[] | undefined }[];
}

interface TrustArgs {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** Folders: docs.docker.com "Verify repository client with certificates", containerd hosts.md, containers-certs.d(5). */
const trust: FactKind<Trust, TrustArgs> = {
  name: 'dce5-trust',
  command: ({ name, addresses }) => `n=${quote(name)}
has() { command -v "$1" >/dev/null 2>&1; }
folder_of() { case $1 in skopeo) echo /etc/containers;; *) echo "/etc/$1";; esac; }
runtimes=
for r in containerd docker skopeo; do
d=$(folder_of $r); [ -d "$d" ] && has $r || continue
runtimes="$runtimes $r"; echo "runtime $r"
for f in "$d/config.toml" "$d/daemon.json" "$d/registries.conf" "$d"/registries.conf.d/*.conf; do
[ -r "$f" ] && grep -qF -- "$n" "$f" && echo "configured $r $f"; done
for f in "$d/certs.d/$n"/hosts.toml "$d/certs.d/$n":*/hosts.toml "$d"/certs.d/_default/hosts.toml; do
[ -r "$f" ] && grep -q '^[[:space:]]*skip_verify[[:space:]]*=[[:space:]]*true' "$f" && echo "configured $r $f"; done
done
authorities() {
d=$(folder_of $1)/certs.d
for place in "$d/$n" "$d/$n":* "$d/_default"; do
for f in "$place"/*.crt $(sed -n 's/^[[:space:]]*ca[[:space:]]*=//p' "$place/hosts.toml" 2>/dev/null | tr ',[]"' ' '); do
[ -r "$f" ] && echo "$f"; done; done
}
accepts() { openssl verify -untrusted /dev/fd/3 "$@" 3<<CHAIN 2>/dev/null | grep -q ': OK$'
$chain
CHAIN
}
if [ -n "$runtimes" ] && has openssl && has timeout; then
for a in ${addresses.map((address) => quote(address.includes(':') ? `[${address}]` : address)).join(' ')}; do
chain=$(timeout 5 openssl s_client -connect "$a:443" -servername "$n" -showcerts </dev/null 2>/dev/null)
case $chain in *'BEGIN CERTIFICATE'*) ;; *) continue;; esac
echo "node $a"
printf '%s\\n' "$chain" | accepts && echo "accepted $a system"
for r in $runtimes; do authorities $r | while read -r f; do
printf '%s\\n' "$chain" | accepts -CAfile "$f" && echo "accepted $a $r"; done; done
done; fi
:`,
  parse(output, { addresses }) {
    const lines = output.split('\n').map((line) => line.split(' '));
    const all = (word: string): string[][] =>
      lines.filter(([first]) => first === word).map(([, ...rest]) => rest);
    const answered = new Set(all('node').map(([address = '']) => plain(address)));
    const accepted = all('accepted').map(([address = '', by = '']) => ({ address: plain(address), by }));
    return {
      runtimes: all('runtime').map(([runtime = '']) => runtime),
      configured: all('configured').map(([runtime = '', path = '']) => ({ runtime, path })),
      nodes: addresses.map((address) => ({
        address,
        acceptedBy: answered.has(address)
          ? [...new Set(accepted.filter((one) => one.address === address).map(({ by }) => by))]
          : undefined,
      })),
    };
  },
  stable: () => null,
};

function plain(address: string): string {
  return address.replace(/^\[(.*)\]$/, '$1');
}

export function trustOf(
  host: HostName,
  name: string,
  addresses: readonly string[],
): FactQuery<Trust, TrustArgs> {
  return ask(host, trust, { name, addresses });
}

/** A tool of a host that would refuse what some nodes serve. */
export interface Refusing {
  readonly runtime: string;
  readonly addresses: readonly string[];
}

/** Tools that neither the system's authorities nor their own make accept every node that answers. Pure. */
export function findRefusing({ runtimes, configured, nodes }: Trust): Refusing[] {
  return runtimes.flatMap((runtime) => {
    if (configured.some((one) => one.runtime === runtime)) return [];
    const addresses = nodes
      .filter(({ acceptedBy }) => acceptedBy?.every((by) => by !== 'system' && by !== runtime) ?? false)
      .map(({ address }) => address);
    return addresses.length === 0 ? [] : [{ runtime, addresses }];
  });
}

/** Where a tool looks for the authorities of a name. */
export function placeOf(runtime: string, name: string): string {
  return `/etc/${runtime === 'skopeo' ? 'containers' : runtime}/certs.d/${name}`;
}

/** In one line, as evidence. */
export function describeTrust({ runtimes, configured, nodes }: Trust): string {
  if (runtimes.length === 0) return 'no containerd, docker or skopeo';
  const words = nodes.map(({ address, acceptedBy }) =>
    acceptedBy === undefined
      ? `${address} not asked`
      : `${address} accepted by ${acceptedBy.join(', ') || 'nobody'}`,
  );
  return [runtimes.join(', '), ...words, ...configured.map(({ path }) => `named in ${path}`)].join('; ');
}
