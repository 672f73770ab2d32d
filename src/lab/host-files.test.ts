import { describe, expect, it } from 'vitest';
import { hostFiles } from './host-files.ts';
import type { HostRecord } from './record.ts';

const host: HostRecord = {
  name: 'one',
  addresses: [
    { address: '10.1.1.11', prefixLength: 24 },
    { address: 'fd00::11', prefixLength: 64 },
  ],
  gateways: ['10.1.1.1', 'fd00::1'],
  port: 22,
  user: 'root',
  sudo: 'none',
  machine: 'one',
  standins: [],
};
const secrets = {
  hostKey: 'KEY',
  hostPublicKey: 'ssh-ed25519 HOST',
  operatorPublicKey: 'ssh-ed25519 OPERATOR',
};

const file = (path: string, of: HostRecord = host, lab = 'lab') =>
  hostFiles(lab, of, secrets).find((each) => each.path === path);

describe('the disk of a new lab host', () => {
  it('sets its addresses, IPv6 ones at once, and its routers', () => {
    expect(file('etc/lab/network')?.content).toBe(`link set host0 up
address add 10.1.1.11/24 dev host0
address add fd00::11/64 dev host0 nodad
route add default via 10.1.1.1 dev host0
route add default via fd00::1 dev host0
`);
  });

  it('names nobody but localhost in /etc/hosts', () => {
    expect(file('etc/hosts')?.content).toBe('127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n');
  });

  it('lets the operator in, and keeps the host key to itself', () => {
    expect(file('root/.ssh/authorized_keys')).toMatchObject({
      content: 'ssh-ed25519 OPERATOR lab operator\n',
      mode: 0o600,
    });
    expect(file('etc/ssh/ssh_host_ed25519_key')).toMatchObject({ content: 'KEY', mode: 0o600 });
  });

  it('moves sshd to the port of the site', () => {
    expect(file('etc/ssh/sshd_config.d/port.conf')).toBeUndefined();
    expect(file('etc/ssh/sshd_config.d/port.conf', { ...host, port: 2222 })?.content).toBe('Port 2222\n');
  });

  it('has a machine id that stays the same, and that no other host or lab has', () => {
    const id = file('etc/machine-id')?.content;

    expect(id).toMatch(/^[0-9a-f]{32}\n$/);
    expect(file('etc/machine-id')?.content).toBe(id);
    expect(file('etc/machine-id', { ...host, name: 'two' })?.content).not.toBe(id);
    expect(file('etc/machine-id', host, 'other')?.content).not.toBe(id);
  });
});
