import { describe, expect, it } from 'vitest';
import { type Cluster, firstServiceAddress, HOST_PATHS } from './cluster.ts';
import { certificatesOf, startsOf } from './machine.ts';
import { unitText } from './start.ts';

const [A, B, NODE] = [
  { name: 'master-1', address: '10.0.0.1' },
  { name: 'master-2', address: '10.0.0.2' },
  { name: 'node-1', address: '10.0.0.9' },
] as const;
const cluster: Cluster = {
  name: 'lab',
  etcd: [A, B],
  controlPlane: [A, B],
  nodes: [NODE],
  endpoint: { host: '10.0.0.100', port: 8443 },
  serviceSubnet: '10.96.0.0/12',
  podSubnet: '10.244.0.0/16',
};
const argvOf = (name: string, machine: typeof A | typeof NODE = A): readonly string[] =>
  startsOf(cluster, machine, HOST_PATHS).find((start) => start.name === name)?.argv ?? [];

describe('what starts on a machine', () => {
  it('follows from where the cluster names it', () => {
    const names = (machine: typeof A | typeof NODE): string[] =>
      startsOf(cluster, machine, HOST_PATHS).map(({ name }) => name);
    expect(names(A)).toEqual(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']);
    expect(names(NODE)).toEqual(['kubelet']);
  });

  it('etcd knows every member by its peer address, and asks all for certificates', () => {
    const argv = argvOf('etcd');
    expect(argv[0]).toBe('/usr/bin/etcd');
    expect(argv).toContain('--initial-cluster=master-1=https://10.0.0.1:2380,master-2=https://10.0.0.2:2380');
    expect(argv).toContain('--advertise-client-urls=https://10.0.0.1:2379');
    expect(argv).toContain('--listen-client-urls=https://10.0.0.1:2379,https://127.0.0.1:2379');
    expect(argv).toContain('--client-cert-auth=true');
    expect(argv).toContain('--peer-client-cert-auth=true');
  });

  it('an API server asks all members of etcd, and says its own address', () => {
    const argv = argvOf('kube-apiserver');
    expect(argv).toContain('--etcd-servers=https://10.0.0.1:2379,https://10.0.0.2:2379');
    expect(argv).toContain('--advertise-address=10.0.0.1');
    expect(argv).toContain('--authorization-mode=Node,RBAC');
  });

  it('controllers and scheduler are elected, and serve no plain HTTP', () => {
    for (const name of ['kube-controller-manager', 'kube-scheduler']) {
      expect(argvOf(name)).toContain('--leader-elect=true');
      expect(argvOf(name)).toContain('--port=0');
    }
  });

  it('a hollow node is called as its certificate says', () => {
    expect(argvOf('kubelet', NODE)).toEqual([
      '/usr/local/bin/kubemark',
      '--morph=kubelet',
      '--name=node-1',
      '--kubeconfig=/etc/kubernetes/kubelet.conf',
      '--kubelet-port=10250',
      '--kubelet-read-only-port=0',
    ]);
    expect(certificatesOf(cluster, NODE)).toMatchObject([
      { path: 'users/kubelet', commonName: 'system:node:node-1', organisation: 'system:nodes' },
    ]);
  });
});

describe('the certificate of an API server', () => {
  it('is good for everything it is called: endpoint, own name and address, and the service', () => {
    const apiserver = certificatesOf(cluster, A).find(({ path }) => path === 'apiserver');
    expect(apiserver?.sans).toEqual([
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
      'master-1',
      'localhost',
      '10.96.0.1',
      '10.0.0.1',
      '10.0.0.100',
      '127.0.0.1',
    ]);
    expect(apiserver?.usages).toEqual(['serverAuth']);
  });

  it.each([
    ['10.96.0.0/12', '10.96.0.1'],
    ['10.97.3.4/12', '10.96.0.1'],
    ['192.168.255.0/24', '192.168.255.1'],
  ])('the service `kubernetes` of %s is %s', (subnet, address) => {
    expect(firstServiceAddress(subnet)).toBe(address);
  });
});

describe('the unit of a program', () => {
  it('comes back for ever, after what it needs', () => {
    const start = startsOf(cluster, A, HOST_PATHS).find(({ name }) => name === 'kube-scheduler');
    expect(unitText(start as NonNullable<typeof start>)).toBe(`[Unit]
Description=Kubernetes scheduler of lab
Wants=network-online.target
After=network-online.target kube-apiserver.service
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/usr/local/bin/kube-scheduler \\
  --bind-address=127.0.0.1 \\
  --port=0 \\
  --leader-elect=true \\
  --kubeconfig=/etc/kubernetes/scheduler.conf \\
  --authentication-kubeconfig=/etc/kubernetes/scheduler.conf \\
  --authorization-kubeconfig=/etc/kubernetes/scheduler.conf
Restart=always
RestartSec=1
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
`);
  });

  it('gives a hollow node the kernel messages that it asks for, which containers do not have', () => {
    const [kubelet] = startsOf(cluster, NODE, HOST_PATHS);
    expect(unitText(kubelet as NonNullable<typeof kubelet>)).toContain(
      'ExecStartPre=/bin/sh -c "test -e /dev/kmsg || ln -s null /dev/kmsg"\nExecStart=/usr/local/bin/kubemark \\\n',
    );
  });

  it('waits for the word of those that tell when they are ready, and gives a hollow node its own /tmp', () => {
    const units = [A, NODE].flatMap((machine) =>
      startsOf(cluster, machine, HOST_PATHS).map((start) => [start.name, unitText(start)] as const),
    );
    const having = (line: string): string[] =>
      units.filter(([, text]) => text.includes(`\n${line}\n`)).map(([name]) => name);
    expect(having('Type=notify')).toEqual(['etcd', 'kube-apiserver']);
    expect(having('PrivateTmp=yes')).toEqual(['kubelet']);
  });

  it('takes words as they are, whatever systemd would make of them', () => {
    const text = unitText({
      name: 'x',
      description: '100% x',
      argv: ['/bin/x', '--a=50%', '--b=$HOME', '--c=one two', '--d="q\\"'],
      tellsReady: false,
      after: [],
      privateTmp: false,
    });
    expect(text).toContain('Description=100%% x\n');
    expect(text).toContain(
      'ExecStart=/bin/x \\\n  --a=50%% \\\n  --b=$$HOME \\\n  "--c=one two" \\\n  "--d=\\"q\\\\\\""\n',
    );
  });
});
