import { describe, expect, it } from 'vitest';
import { siteOf } from '../../test/site.ts';
import { hostRecords } from './host-records.ts';
import { planNetwork } from './network.ts';

function recordsOf(text: string, standins: readonly string[] = []) {
  const site = siteOf(text);
  return hostRecords(site, planNetwork(site), standins);
}

describe('the hosts of a lab', () => {
  it('are logged in to as the site says, with a sudo password only where it has one', () => {
    const records = recordsOf(`
access: { user: ops, port: 2222 }
hosts:
  plain: 10.1.1.1
  asked: { address: 10.1.1.2, sudo: { password: 'env:X' } }
  root: { address: 10.1.1.3, user: root, port: 22 }
`);

    expect(records.map(({ user, port, sudo }) => ({ user, port, sudo }))).toEqual([
      { user: 'ops', port: 2222, sudo: 'nopasswd' },
      { user: 'ops', port: 2222, sudo: 'password' },
      { user: 'root', port: 22, sudo: 'none' },
    ]);
  });

  it('remember the address that the lab could not use', () => {
    const [named, usable, upper] = recordsOf(
      "hosts: { named: db.example.com, usable: 10.1.1.1, upper: 'FD00::1' }",
    );

    expect(named?.insteadOf).toBe('db.example.com');
    expect(usable).not.toHaveProperty('insteadOf');
    expect(upper).not.toHaveProperty('insteadOf');
  });

  it('have names of containers that fit an interface name and are told apart', () => {
    const long = Array.from(
      { length: 12 },
      (_, index) => `control-plane-of-site-${index}: 10.1.1.${index + 1}`,
    );
    const machines = recordsOf(`hosts:\n  ${long.join('\n  ')}\n  node: 10.1.1.99`).map(
      ({ machine }) => machine,
    );

    expect(machines.at(-1)).toBe('node');
    expect(new Set(machines).size).toBe(machines.length);
    expect(machines.filter((machine) => `vb-${machine}`.length > 15)).toEqual([]);
  });

  it('have the stand-ins of their label and those for all, each once', () => {
    const [one, two] = recordsOf(
      "hosts: { one: { address: 10.1.1.1, labels: { lab-standins: 'a, b' } }, two: 10.1.1.2 }",
      ['b', 'c'],
    );

    expect(one?.standins).toEqual(['a', 'b', 'c']);
    expect(two?.standins).toEqual(['b', 'c']);
  });
});
