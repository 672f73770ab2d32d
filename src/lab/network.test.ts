import { describe, expect, it } from 'vitest';
import { siteOf } from '../../test/site.ts';
import { planNetwork } from './network.ts';
import { subnetOf } from './subnet.ts';

const endpoint = (listen: string): string => `
endpoints:
  tinder:
    name: registry.example.com
    driver: { kind: dns-embedded, listen: [${listen}] }
    members: [one]
    probes: [{ kind: tcp, port: 80 }]
`;

describe('the network of a lab', () => {
  it('has a /24 or /64 around each address, and a router in each', () => {
    const { hosts, controller } = planNetwork(
      siteOf(`hosts:
  one: { address: 10.1.1.11, addresses: ['2001:DB8:0:7::11'] }
  two: 10.1.2.12
`),
    );

    expect(hosts).toEqual([
      {
        host: 'one',
        addresses: [
          { address: '10.1.1.11', prefixLength: 24 },
          { address: '2001:db8:0:7::11', prefixLength: 64 },
        ],
        gateways: ['10.1.1.1', '2001:db8:0:7::1'],
      },
      { host: 'two', addresses: [{ address: '10.1.2.12', prefixLength: 24 }], gateways: ['10.1.2.1'] },
    ]);
    expect(controller.map(({ address }) => address)).toEqual(['10.1.1.1', '2001:db8:0:7::1', '10.1.2.1']);
  });

  it('gives the router no address that the site needs', () => {
    const site = siteOf(`hosts: { one: 10.1.1.1, two: 10.1.1.254 }\n${endpoint('10.1.1.253')}`);

    const { hosts, controller } = planNetwork(site);

    expect(hosts[0]?.gateways).toEqual(['10.1.1.252']);
    expect(controller.map(({ address }) => address)).toEqual(['10.1.1.252', '10.1.1.253']);
  });

  it('leaves the address of the embedded DNS server to the host that has it', () => {
    const { controller } = planNetwork(siteOf(`hosts: { one: 10.1.1.11 }\n${endpoint('10.1.1.11')}`));

    expect(controller.map(({ address }) => address)).toEqual(['10.1.1.1']);
  });

  it('gives the controller no loopback address: it has them already', () => {
    const { controller } = planNetwork(siteOf(`hosts: { one: 10.1.1.11 }\n${endpoint('127.0.0.1:5300')}`));

    expect(controller.map(({ address }) => address)).toEqual(['10.1.1.1']);
  });

  it('gives a spare address to a host that has only a name, or an address of this machine', () => {
    const { hosts } = planNetwork(
      siteOf(
        'hosts: { one: db.example.com, two: { transport: local }, three: { address: 127.0.0.2, addresses: [10.1.1.3] } }',
      ),
    );

    expect(hosts.map(({ addresses }) => addresses.map(({ address }) => address))).toEqual([
      ['198.18.0.10'],
      ['198.18.0.11'],
      ['10.1.1.3'],
    ]);
    expect(hosts[0]?.gateways).toEqual(['198.18.0.1']);
  });

  it('is refused where two hosts claim one address', () => {
    const site = siteOf("hosts: { one: 10.1.1.11, two: { address: 10.1.1.12, addresses: ['10.1.1.11'] } }");

    expect(() => planNetwork(site)).toThrow(expect.objectContaining({ code: 'lab/address-taken' }));
  });
});

describe('a subnet', () => {
  it.each([
    ['10.0.0.255', '10.0.0'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['::1', '0:0:0:0'],
    ['fd00:0:0:1::', 'fd00:0:0:1'],
  ])('of %s begins with %s', (address, beginning) => {
    expect(subnetOf(address).beginning).toBe(beginning);
  });
});
