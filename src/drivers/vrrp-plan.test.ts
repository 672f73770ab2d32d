import { describe, expect, test } from 'vitest';
import { makeEndpoint, makeSite } from '../../test/driver-world.ts';
import { onEth0, segmentFacts } from '../../test/vip-hosts.ts';
import { keepalived } from './keepalived/index.ts';
import { keepalivedConfig } from './keepalived/schema.ts';
import { groupOf, priorityOf } from './vrrp-group.ts';
import { wantedMainConf } from './vrrp-main-conf.ts';
import { routerIdOf } from './vrrp-router-id.ts';
import { placeFor } from './vrrp-subnet.ts';

const VIP = '192.0.2.200';
const question = { host: 'db1', vip: VIP, bridges: [], preferred: '192.0.2.1', vips: [VIP] };

describe('the interface for an address', () => {
  test('is the bridge where the host’s address sits on one, as the runbook’s note wants', () => {
    const found = [{ ...onEth0('192.0.2.1/24'), interface: 'br0' }];

    expect(placeFor({ ...question, found })).toEqual({
      interface: 'br0',
      prefix: 24,
      source: '192.0.2.1',
      alsoOn: [],
    });
  });

  test('is not a port of a bridge, and the error names the bridge', () => {
    const found = [{ ...onEth0('192.0.2.1/24'), interface: 'br0' }];
    const bridges = [{ name: 'br0', ports: ['eth0'] }];

    expect(() => placeFor({ ...question, found, bridges, interface: 'eth0' })).toThrow(
      expect.objectContaining({
        code: 'keepalived/bridge-port',
        hint: expect.stringContaining('interface: br0'),
      }),
    );
  });

  test('is in the subnet of the address, or there is none', () => {
    const found = [onEth0('198.51.100.1/24'), onEth0('192.0.2.1/28')];

    expect(() => placeFor({ ...question, found })).toThrow(
      expect.objectContaining({
        code: 'keepalived/not-in-subnet',
        got: '198.51.100.1/24 on eth0, 192.0.2.1/28 on eth0',
      }),
    );
  });

  test('is never found by an address that moves itself, which may stand on the host now', () => {
    const found = [onEth0(`${VIP}/24`)];

    expect(() => placeFor({ ...question, found })).toThrow(
      expect.objectContaining({ code: 'keepalived/not-in-subnet' }),
    );
  });

  test('knows of others in the same subnet, which must not answer for it', () => {
    const found = [onEth0('192.0.2.1/24'), { ...onEth0('192.0.2.9/24'), interface: 'eth1' }];

    expect(placeFor({ ...question, found }).alsoOn).toEqual(['eth1']);
  });
});

describe('the router id', () => {
  const endpoint = (name: string, settings: object = {}) =>
    makeEndpoint('keepalived', keepalivedConfig.parse(settings), { name, addresses: [VIP] });

  test('is made from the name, the same wherever it is asked', () => {
    const db = endpoint('db');

    expect(routerIdOf(makeSite([db]), db)).toBe(routerIdOf(makeSite([endpoint('other'), db]), db));
    expect(routerIdOf(makeSite([db]), db)).toBeGreaterThanOrEqual(1);
    expect(routerIdOf(makeSite([db]), db)).toBeLessThanOrEqual(255);
  });

  test('is never that of another endpoint of the site, given or made', () => {
    const names = Array.from({ length: 120 }, (_, index) => `e${index}`);
    const all = [...names.map((name) => endpoint(name)), endpoint('given', { routerId: 17 })];
    const site = makeSite(all);

    const ids = all.map((one) => routerIdOf(site, one));
    expect(new Set(ids).size).toBe(all.length);
    expect(ids.at(-1)).toBe(17);
  });
});

describe('priorities', () => {
  test.each([2, 3, 9, 40, 100])(
    'of %i members fall, are never equal and leave room for the wish',
    (count) => {
      const all = Array.from({ length: count }, (_, index) => priorityOf(index, count));

      expect(new Set(all).size).toBe(count);
      expect(all).toEqual(all.toSorted((a, b) => b - a));
      expect(all[0]).toBe(150);
      expect(all.at(-1)).toBeGreaterThanOrEqual(50);
    },
  );
});

describe('a keepalived.conf that is there already', () => {
  const state = (conf: string | undefined, hasPassword = false) => ({
    version: '2.2.7',
    conf,
    hasPassword,
    scripts: [],
    firewallNamesVrrp: false,
  });
  const instance = (vip: string): string =>
    `vrrp_instance VI_1 {\n  virtual_router_id 99\n  virtual_ipaddress {\n    ${vip}\n  }\n}\n`;

  test('of the runbook, for the same address, is replaced', () => {
    const wanted = wantedMainConf('db1', state(instance(VIP), true), [VIP]);

    expect(wanted).toContain('include /etc/keepalived/holdfast.d/*.conf');
    expect(wanted).not.toContain('vrrp_instance');
  });

  test('for other addresses is kept, and gets one line more', () => {
    const other = instance('192.0.2.7');

    const wanted = wantedMainConf('db1', state(other), [VIP]);
    expect(wanted).toBe(`${other}include /etc/keepalived/holdfast.d/*.conf\n`);
    expect(wantedMainConf('db1', state(wanted), [VIP])).toBe(wanted);
  });

  test.each([
    ['ours beside another', instance(VIP) + instance('192.0.2.7'), false],
    ['another with a password, which may not stand in a plan', instance('192.0.2.7'), true],
  ])('is refused where it has %s', (_what, conf, hasPassword) => {
    expect(() => wantedMainConf('db1', state(conf, hasPassword), [VIP])).toThrow(
      expect.objectContaining({ code: 'keepalived/foreign-config' }),
    );
  });
});

describe('the plan', () => {
  const addresses = { active: ['192.0.2.193/24'], standby: ['192.0.2.194/24'], six: ['192.0.2.195/24'] };

  test('never holds the password, and gives it to keepalived in a file of root’s', () => {
    const config = keepalivedConfig.parse({ password: 'env:VRRP', advertInterval: '1s' });
    const endpoint = makeEndpoint('keepalived', config, { addresses: [VIP] });

    const steps = keepalived.plan(makeSite([endpoint]), endpoint, segmentFacts(addresses));

    const password = steps.filter(({ id }) => id.endsWith('/password'));
    expect(password).toHaveLength(3);
    expect(password[0]?.args).toMatchObject({
      contentFrom: 'env:VRRP',
      mode: '0600',
      around: ['auth_pass ', '\n'],
    });
  });

  test('changes one host after the other, and asks the segment first and last', () => {
    const endpoint = makeEndpoint('keepalived', keepalivedConfig.parse({}), { addresses: [VIP] });

    const steps = keepalived.plan(makeSite([endpoint]), endpoint, segmentFacts(addresses));

    expect(steps[0]?.kind).toBe('vip-free');
    expect(steps.at(-1)?.kind).toBe('vip-owner');
    for (const [index, step] of steps.entries()) {
      expect(step.needs).toEqual(index === 0 ? [] : [steps[index - 1]?.id]);
    }
  });

  test('waits for what is known of every host', () => {
    const endpoint = makeEndpoint('keepalived', keepalivedConfig.parse({}), { addresses: [VIP] });
    const site = makeSite([endpoint]);

    expect(
      groupOf(site, endpoint, ['active', 'standby'], segmentFacts({ active: addresses.active })),
    ).toBeUndefined();
  });
});
