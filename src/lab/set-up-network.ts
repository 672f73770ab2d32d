/** Makes the lab's bridge and router in its network namespace, which has no way out. */
import { BRIDGE } from './machine.ts';
import { insideLab } from './namespaces.ts';
import type { LabRecord } from './record.ts';
import { mustRun } from './run-command.ts';

/**
 * A router as a site has one: it forwards between the subnets, and tells nobody of shorter ways, so that hosts of two
 * subnets really talk through it. No spanning tree: a port forwards at once.
 */
const SYSCTLS = [
  'net/ipv4/ip_forward=1',
  'net/ipv4/conf/all/send_redirects=0',
  'net/ipv4/conf/default/send_redirects=0',
  'net/ipv6/conf/all/forwarding=1',
  'net/ipv6/conf/all/accept_dad=0',
  'net/ipv6/conf/default/accept_dad=0',
];

const SCRIPT = `
for setting in $2; do echo "\${setting#*=}" >"/proc/sys/\${setting%%=*}"; done
ip link add "$1" type bridge stp_state 0 forward_delay 0
ip link set "$1" up
shift 2
for address in "$@"; do
  case $address in *:*) ip address add "$address" dev ${BRIDGE} nodad ;; *) ip address add "$address" dev ${BRIDGE} ;; esac
done
`;

export async function setUpNetwork(record: LabRecord, signal?: AbortSignal): Promise<void> {
  const addresses = record.controller.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
  const argv = ['sh', '-ec', SCRIPT, 'sh', BRIDGE, SYSCTLS.join(' '), ...addresses];
  await mustRun(insideLab(record.supervisor.pid, argv), signal === undefined ? {} : { signal });
}
