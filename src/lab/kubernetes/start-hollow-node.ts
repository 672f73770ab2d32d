import { join } from 'node:path';
import { type Paths, PORTS } from './cluster.ts';
import { flags, type Start } from './start.ts';

/** The kubelet reads the kernel's messages for processes killed for want of memory, and ends where it cannot; containers have none. */
const LINK_KMSG = 'test -e /dev/kmsg || ln -s null /dev/kmsg';

/**
 * A hollow node: a real kubelet that registers, renews its lease and reports its status, over a container runtime that
 * only pretends. Its unit is `kubelet`, as on any node. It takes no address to listen on (always all of the machine's)
 * and keeps a socket of a fixed name in /tmp.
 * @param node the node's name, which stands in its certificate too
 */
export function startHollowNode(node: string, paths: Paths): Start {
  return {
    name: 'kubelet',
    description: `Hollow kubelet of ${node}`,
    tellsReady: false,
    after: [],
    privateTmp: true,
    prepare: LINK_KMSG,
    argv: [
      join(paths.programs, 'kubemark'),
      ...flags({
        morph: 'kubelet',
        name: node,
        kubeconfig: join(paths.etc, 'kubelet.conf'),
        'kubelet-port': PORTS.kubelet,
        'kubelet-read-only-port': 0,
      }),
    ],
  };
}
