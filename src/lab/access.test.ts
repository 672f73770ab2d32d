import { describe, expect, it } from 'vitest';
import { siteOf } from '../../test/site.ts';
import { accessOverlay } from './access.ts';
import { labFolders } from './folders.ts';
import { hostRecords } from './host-records.ts';
import { planNetwork } from './network.ts';
import type { LabRecord } from './record.ts';

const folders = labFolders('/labs', 'mine');

function labOf(text: string): { record: LabRecord; site: ReturnType<typeof siteOf> } {
  const site = siteOf(text);
  const network = planNetwork(site);
  const record: LabRecord = {
    format: 1,
    name: 'mine',
    file: '/site.yaml',
    site: site.name,
    image: '/image',
    hosts: hostRecords(site, network, []),
    controller: [...network.controller],
    supervisor: { machine: 'm', pid: 1 },
    ready: true,
  };
  return { record, site };
}

describe('a site seen through its lab', () => {
  it('is reached with the keys of the lab alone, whatever the site and ~/.ssh/config say', () => {
    const { record, site } = labOf(`
access: { password: 'env:X', knownHosts: /etc/known }
hosts:
  one: { address: 10.1.1.1, hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9m1cE3xV9wq4cG4y0q0f0l0m1n2o3p4q5r6s7t8u9v' }
  two: { address: 10.1.1.2, transport: local }
`);

    const seen = accessOverlay(folders, record)(site);

    for (const host of seen.hosts.values()) {
      expect(host).toMatchObject({
        transport: 'ssh',
        identities: ['/labs/mine/keys/operator'],
        knownHosts: ['/labs/mine/keys/known_hosts'],
      });
      expect(Object.keys(host)).not.toEqual(expect.arrayContaining(['hostKey']));
      expect(host).not.toHaveProperty('password');
      expect(host).not.toHaveProperty('implied');
    }
    expect(seen.digest).toBe(site.digest);
  });

  it('keeps users, ports and jump hosts, and takes the sudo password of the lab', () => {
    const { record, site } = labOf(`
access: { user: ops, port: 2222, jump: gate, sudo: { password: 'env:X' } }
hosts: { gate: 10.1.1.1, one: 10.1.1.2 }
`);

    expect(accessOverlay(folders, record)(site).hosts.get('one')).toMatchObject({
      user: 'ops',
      port: 2222,
      jump: ['gate'],
      sudo: { password: 'file:/labs/mine/keys/sudo-password' },
    });
  });

  it('has members where the lab has their hosts', () => {
    const { record, site } = labOf(`
hosts: { one: 127.0.0.2, two: 10.1.1.2 }
endpoints:
  web:
    name: web.example.com
    driver: { kind: dns-embedded }
    members: [one, two]
    probes: [{ kind: tcp, port: 80 }]
`);

    const seen = accessOverlay(folders, record)(site);

    expect(seen.hosts.get('one')).toMatchObject({ address: '198.18.0.10', addresses: ['198.18.0.10'] });
    expect(seen.endpoints.get('web')?.members.map(({ address }) => address)).toEqual([
      '198.18.0.10',
      '10.1.1.2',
    ]);
  });

  it('is refused where the file has a host that the lab was made without', () => {
    const { record } = labOf('hosts: { one: 10.1.1.1 }');
    const { site } = labOf('hosts: { one: 10.1.1.1, ones: 10.1.1.2 }');

    expect(() => accessOverlay(folders, record)(site)).toThrow(
      expect.objectContaining({ code: 'lab/no-such-host', hint: "Did you mean 'one'?" }),
    );
  });
});
