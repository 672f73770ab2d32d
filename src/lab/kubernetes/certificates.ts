/**
 * Which certificates a cluster needs, as data: kubeadm's own set, names and folders
 * (https://kubernetes.io/docs/setup/best-practices/certificates/). `issue-certificates.ts` makes them.
 */
import { isIP } from 'node:net';
import { type Cluster, firstServiceAddress, type Machine } from './cluster.ts';

export interface AuthoritySpec {
  /** Its files below `pki/`, without the ending: `etcd/ca` → `etcd/ca.crt`, `etcd/ca.key`. */
  readonly path: 'ca' | 'front-proxy-ca' | 'etcd/ca';
  readonly commonName: string;
}

export interface CertificateSpec {
  readonly path: string;
  readonly authority: AuthoritySpec['path'];
  readonly commonName: string;
  /** The group, for Kubernetes: `system:masters`. */
  readonly organisation?: string;
  readonly usages: readonly ('serverAuth' | 'clientAuth')[];
  /** Names and addresses it is good for. */
  readonly sans: readonly string[];
  readonly days: number;
}

/** kubeadm's: a year. */
const DAYS = 365;

/** One set for a cluster; every machine gets the same. */
export const AUTHORITIES: readonly AuthoritySpec[] = [
  { path: 'ca', commonName: 'kubernetes' },
  { path: 'front-proxy-ca', commonName: 'front-proxy-ca' },
  { path: 'etcd/ca', commonName: 'etcd-ca' },
];

/** Of a member of etcd; its certificates serve and ask, because members ask each other. */
export function etcdCertificates({ name, address }: Machine): readonly CertificateSpec[] {
  const common = { authority: 'etcd/ca', commonName: name, days: DAYS } as const;
  const sans = [name, 'localhost', address, '127.0.0.1'];
  return [
    { ...common, path: 'etcd/server', usages: ['serverAuth', 'clientAuth'], sans },
    { ...common, path: 'etcd/peer', usages: ['serverAuth', 'clientAuth'], sans },
    {
      ...client('etcd/healthcheck-client', 'kube-etcd-healthcheck-client', 'system:masters'),
      authority: 'etcd/ca',
    },
  ];
}

/** Of a machine of the control plane, the users of its own programs included. */
export function controlPlaneCertificates(
  cluster: Cluster,
  { name, address }: Machine,
): readonly CertificateSpec[] {
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  const sans = [
    ...service,
    'kubernetes.default.svc.cluster.local',
    name,
    'localhost',
    firstServiceAddress(cluster.serviceSubnet),
    address,
    cluster.endpoint.host,
    '127.0.0.1',
  ];
  return [
    {
      path: 'apiserver',
      authority: 'ca',
      commonName: 'kube-apiserver',
      usages: ['serverAuth'],
      sans: [...new Set(sans)],
      days: DAYS,
    },
    client('apiserver-kubelet-client', 'kube-apiserver-kubelet-client', 'system:masters'),
    {
      ...client('apiserver-etcd-client', 'kube-apiserver-etcd-client', 'system:masters'),
      authority: 'etcd/ca',
    },
    { ...client('front-proxy-client', 'front-proxy-client'), authority: 'front-proxy-ca' },
    client('users/admin', 'kubernetes-admin', 'system:masters'),
    client('users/controller-manager', 'system:kube-controller-manager'),
    client('users/scheduler', 'system:kube-scheduler'),
  ];
}

/** Of a node: the Node authorizer knows it by this very name and group. */
export function nodeCertificate(node: string): CertificateSpec {
  return client('users/kubelet', `system:node:${node}`, 'system:nodes');
}

function client(path: string, commonName: string, organisation?: string): CertificateSpec {
  return {
    path,
    authority: 'ca',
    commonName,
    ...(organisation === undefined ? {} : { organisation }),
    usages: ['clientAuth'],
    sans: [],
    days: DAYS,
  };
}

/** What openssl(1) reads for an authority; see x509v3_config(5). */
export function authorityConfig({ commonName }: AuthoritySpec): string {
  return config({ CN: commonName }, [
    'basicConstraints = critical, CA:TRUE',
    'keyUsage = critical, digitalSignature, keyEncipherment, keyCertSign',
    'subjectKeyIdentifier = hash',
  ]);
}

/** What openssl(1) reads for a certificate. */
export function certificateConfig({ commonName, organisation, usages, sans }: CertificateSpec): string {
  const names = sans.map((san) => `${isIP(san) === 0 ? 'DNS' : 'IP'}:${san}`);
  return config({ ...(organisation === undefined ? {} : { O: organisation }), CN: commonName }, [
    'basicConstraints = critical, CA:FALSE',
    'keyUsage = critical, digitalSignature, keyEncipherment',
    `extendedKeyUsage = ${usages.join(', ')}`,
    ...(names.length === 0 ? [] : [`subjectAltName = ${names.join(', ')}`]),
  ]);
}

function config(subject: Readonly<Record<string, string>>, extensions: readonly string[]): string {
  const fields = Object.entries(subject).map(([key, value]) => `${key} = ${value}`);
  return `${[
    '[req]',
    'prompt = no',
    'distinguished_name = subject',
    '[subject]',
    ...fields,
    '[v3]',
    ...extensions,
  ].join('\n')}\n`;
}
