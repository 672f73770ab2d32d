/** A Kubernetes cluster of lab hosts, as data: who it consists of, and where its files lie. */
export interface Machine {
  /** Its host name, and the node's name where it is a node. */
  readonly name: string;
  readonly address: string;
}

export interface Cluster {
  readonly name: string;
  readonly etcd: readonly Machine[];
  readonly controlPlane: readonly Machine[];
  /** With a hollow kubelet each. */
  readonly nodes: readonly Machine[];
  /** What nodes and people dial: a VIP, a name, or the one API server there is. */
  readonly endpoint: { readonly host: string; readonly port: number };
  /** IPv4, e.g. `10.96.0.0/12`; its first address is the service `kubernetes`. */
  readonly serviceSubnet: string;
  readonly podSubnet: string;
}

/** Upstream's defaults. */
export const PORTS = { etcdClient: 2379, etcdPeer: 2380, apiserver: 6443, kubelet: 10250 } as const;

export interface Paths {
  /** As kubeadm lays it out: `pki/` and the kubeconfigs. */
  readonly etc: string;
  readonly etcdData: string;
  /** The folder of the Kubernetes programs. */
  readonly programs: string;
  /** The folder of etcd and etcdctl. */
  readonly etcdPrograms: string;
}

/** On lab hosts; etcd is Debian's. */
export const HOST_PATHS: Paths = {
  etc: '/etc/kubernetes',
  etcdData: '/var/lib/etcd',
  programs: '/usr/local/bin',
  etcdPrograms: '/usr/bin',
};

/** `10.96.0.0/12` → `10.96.0.1`, the address of the service `kubernetes`, which API servers must be certified for. */
export function firstServiceAddress(subnet: string): string {
  const [base = '', bits = ''] = subnet.split('/');
  const value = base.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - Number(bits));
  const first = value - (value % size) + 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.');
}

/** `https://a:2379,https://b:2379` */
export function etcdUrls(machines: readonly Machine[], port: number = PORTS.etcdClient): string {
  return machines.map(({ address }) => `https://${address}:${port}`).join(',');
}
