import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hasOpenssl } from '../../../test/certificates.ts';
import { SystemClock } from '../../base/clock.ts';
import { controllerSpec, openLocal } from '../../hosts/local.ts';
import type { Cluster } from './cluster.ts';
import { type Issuing, issueCertificates, makeAuthorities } from './issue-certificates.ts';
import { writeMachine } from './machine.ts';

const skipped = hasOpenssl() ? '' : ' (skipped: no openssl here)';
const issuing: Issuing = {
  machine: openLocal(controllerSpec('root'), { clock: new SystemClock(), env: process.env }),
  signal: new AbortController().signal,
};
const MASTER = { name: 'master-1', address: '10.0.0.1' };
const NODE = { name: 'node-1', address: '10.0.0.9' };
const cluster: Cluster = {
  name: 'lab',
  etcd: [MASTER],
  controlPlane: [MASTER],
  nodes: [NODE],
  endpoint: { host: 'api.example.test', port: 8443 },
  serviceSubnet: '10.96.0.0/12',
  podSubnet: '10.244.0.0/16',
};

describe.skipIf(skipped !== '')(`the files of a machine${skipped}`, () => {
  let folder: string;
  const certificate = async (path: string): Promise<X509Certificate> =>
    new X509Certificate(await readFile(join(folder, path)));
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-pki-'));
    await makeAuthorities(join(folder, 'authorities'), issuing);
    for (const machine of [MASTER, NODE]) {
      const o = { ...issuing, authorities: join(folder, 'authorities'), folder: join(folder, machine.name) };
      await writeMachine(cluster, machine, o);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('hold a server certificate that clients accept under each of its names, and no others', async () => {
    const apiserver = await certificate('master-1/pki/apiserver.crt');
    expect(apiserver.checkHost('api.example.test')).toBe('api.example.test');
    expect(apiserver.checkIP('10.96.0.1')).toBe('10.96.0.1');
    expect(apiserver.checkHost('other.example.test')).toBeUndefined();
    expect(apiserver.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  it('are signed by the authority that each reader asks for', async () => {
    const signer = async (path: string, authority: string): Promise<boolean> =>
      (await certificate(path)).verify((await certificate(`authorities/${authority}.crt`)).publicKey);
    expect(await signer('master-1/pki/apiserver.crt', 'ca')).toBe(true);
    expect(await signer('master-1/pki/etcd/peer.crt', 'etcd/ca')).toBe(true);
    expect(await signer('master-1/pki/apiserver-etcd-client.crt', 'etcd/ca')).toBe(true);
    expect(await signer('master-1/pki/front-proxy-client.crt', 'front-proxy-ca')).toBe(true);
    expect(await signer('master-1/pki/apiserver-etcd-client.crt', 'ca')).toBe(false);
  });

  it('name the user and the group that Kubernetes reads', async () => {
    expect((await certificate('master-1/pki/users/admin.crt')).subject).toBe(
      'O=system:masters\nCN=kubernetes-admin',
    );
    expect((await certificate('node-1/pki/users/kubelet.crt')).subject).toBe(
      'O=system:nodes\nCN=system:node:node-1',
    );
  });

  it('lead a program to the endpoint, with its own certificate', async () => {
    const conf = parse(await readFile(join(folder, 'node-1/kubelet.conf'), 'utf8'));
    expect(conf.clusters[0].cluster.server).toBe('https://api.example.test:8443');
    const pem = Buffer.from(conf.users[0].user['client-certificate-data'], 'base64').toString();
    expect(pem).toBe(await readFile(join(folder, 'node-1/pki/users/kubelet.crt'), 'utf8'));
  });

  it('are for root only where they hold a key, and a node gets no authority’s key', async () => {
    for (const path of ['master-1/pki/apiserver.key', 'master-1/pki/ca.key', 'node-1/kubelet.conf'])
      expect((await stat(join(folder, path))).mode & 0o077).toBe(0);
    await expect(stat(join(folder, 'node-1/pki/ca.key'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('say what openssl said where one cannot be made', async () => {
    const spec = { path: 'x', authority: 'ca', commonName: 'x', usages: [], sans: [], days: 1 } as const;
    await expect(
      issueCertificates([spec], join(folder, 'nowhere'), join(folder, 'x'), issuing),
    ).rejects.toMatchObject({
      code: 'lab-kubernetes/no-certificate',
    });
  });
});
