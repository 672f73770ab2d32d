/**
 * Addresses that move, on real hosts with systemd: laid out by `apply` from a bare host, unchanged by a second one,
 * moved by the hosts themselves and on purpose, taken back whole. How the hosts fail over in every way is told by
 * `test/keepalived.test.ts`; here is what needs units, boot and the program.
 */
import { expect } from 'vitest';
import { describeLab } from '../test/lab-story.ts';
import { until } from '../test/until.ts';

const HOSTS = `
db1: 10.63.0.11
db2: 10.63.0.12
lb1: 10.63.0.21
lb2: 10.63.0.22
`;
const VIP = '10.63.0.50';
const FRONT = '10.63.0.60';

const DB = `endpoints:
  db:
    addresses: [${VIP}]
    driver: keepalived
    members: [db1, db2]
    probes: [{ kind: tcp, port: 7777 }]
    interval: 250ms
`;
const front = (driver: string): string => `endpoints:
  front:
    addresses: [${FRONT}]
    driver: { kind: ${driver}, ports: [7777], proxies: [lb1, lb2] }
    members: [db1, db2]
    probes: [{ kind: tcp, port: 7777 }]
    interval: 250ms
`;
/** Of somebody else, by hand, with an address of their own. */
const OTHER_GROUP = `vrrp_instance other {
  state MASTER
  interface host0
  virtual_router_id 77
  priority 100
  advert_int 1
  virtual_ipaddress { 10.63.0.99/24 }
}
`;
/** Says its host's name to whoever connects. */
const SERVICE = `systemctl is-active -q greeter || { systemctl reset-failed greeter 2>/dev/null; systemd-run -q --collect --unit=greeter \
  socat TCP-LISTEN:7777,fork,reuseaddr SYSTEM:hostname; }`;

describeLab('addresses that move', { name: 'vip', hosts: HOSTS }, (stories) => {
  const { story, on } = stories;
  const owners = async (address: string, ...hosts: string[]): Promise<string> => {
    const found: string[] = [];
    for (const host of hosts) {
      const said = await on(host, `ip -o addr show to ${address}; true`);
      if (said.includes(address)) found.push(host);
    }
    return found.join();
  };
  const answers = async (from: string, address: string): Promise<string> =>
    (await on(from, `timeout 2 socat -u TCP:${address}:7777,connect-timeout=1 - || true`)).trim();

  story(
    'are laid out, do not change twice, move by themselves and on purpose, and go again',
    async (operator) => {
      for (const host of ['db1', 'db2']) await on(host, SERVICE);
      operator.site(DB);

      await operator.expects(3, 'plan');
      await operator.expects(0, 'apply', '--yes');
      expect(await owners(VIP, 'db1', 'db2')).toBe('db1');
      expect(await answers('lb1', VIP)).toBe('db1');
      await operator.expects(0, 'plan');
      await operator.expects(0, 'verify');

      const stranger = (await on('lb1', 'cat /sys/class/net/host0/address')).trim();
      await on('lb1', `ip addr add ${VIP}/32 dev host0`);
      const verified = await operator.expects(1, 'verify');
      expect(verified.stdout).toContain(`${VIP} at ${stranger}`);
      await on('lb1', `ip addr del ${VIP}/32 dev host0`);
      await operator.expects(0, 'verify');

      await on('db1', 'systemctl stop greeter');
      await until(async () => (await owners(VIP, 'db1', 'db2')) === 'db2', 'db2 owns the address');
      await until(async () => (await answers('lb1', VIP)) === 'db2', 'clients reach db2');

      await on('db1', SERVICE);
      await until(
        async () => (await on('db1', 'cat /run/holdfast/vip/db/health')).trim() === '0',
        'db1 is well',
      );
      expect(await owners(VIP, 'db1', 'db2')).toBe('db2');
      await operator.expects(0, 'switch', 'db', 'db1');
      expect(await owners(VIP, 'db1', 'db2')).toBe('db1');

      await operator.expects(0, 'rollback', '--yes');
      expect(await owners(VIP, 'db1', 'db2')).toBe('');
      expect(await on('db1', 'ls /etc/keepalived /etc/holdfast 2>/dev/null || true')).not.toContain(
        'holdfast.d',
      );
      expect((await on('db1', 'systemctl is-active keepalived || true')).trim()).toBe('inactive');
    },
    240_000,
  );

  story(
    'are refused where a stranger has the address, or speaks with the same router id',
    async (operator) => {
      for (const host of ['db1', 'db2']) await on(host, SERVICE);
      operator.site(DB.replace('driver: keepalived', 'driver: { kind: keepalived, routerId: 77 }'));

      await on('lb1', `ip addr add ${VIP}/32 dev host0`);
      const taken = await operator.expects(4, 'apply', '--yes');
      expect(taken.stdout + taken.stderr).toContain(`${VIP} belongs to somebody else`);
      await on('lb1', `ip addr del ${VIP}/32 dev host0`);

      await on(
        'lb2',
        `mkdir -p /etc/keepalived && cat >/etc/keepalived/keepalived.conf <<'END'\n${OTHER_GROUP}END`,
      );
      await on('lb2', 'systemctl start keepalived');
      const clash = await operator.expects(4, 'apply', '--yes');
      expect(clash.stdout + clash.stderr).toContain('router id 77 is used on the segment by 10.63.0.22');
      await on('lb2', 'systemctl stop keepalived && rm /etc/keepalived/keepalived.conf');

      expect(await on('db1', 'ls /etc/keepalived/holdfast.d /etc/holdfast/vip 2>/dev/null || true')).toBe('');
    },
  );

  for (const driver of ['haproxy', 'nginx']) {
    story(
      `stand in front of ${driver}, which is laid out, asked and taken back as well`,
      async (operator) => {
        for (const host of ['db1', 'db2']) await on(host, SERVICE);
        operator.site(front(driver));

        await operator.expects(0, 'apply', '--yes');
        expect(await owners(FRONT, 'lb1', 'lb2')).toBe('lb1');
        await until(async () => (await answers('db2', FRONT)) === 'db1', 'clients reach db1');
        await operator.expects(0, 'plan');

        await operator.expects(0, 'switch', 'front', 'db2');
        await until(async () => (await answers('db2', FRONT)) === 'db2', 'clients reach db2');
        await operator.expects(0, 'plan');

        await on('lb1', 'systemctl kill -s KILL keepalived; systemctl stop holdfast-proxy-front');
        await until(async () => (await answers('db2', FRONT)) === 'db2', 'clients come through lb2');

        // What was published since the run stands in nginx's file of servers: a rollback asks before it goes.
        const discard = driver === 'nginx' ? ['--discard-changes'] : [];
        await operator.expects(0, 'rollback', '--yes', ...discard);
        expect(await owners(FRONT, 'lb1', 'lb2')).toBe('');
        const left =
          'ls /etc/holdfast/proxy/front/*.c* /etc/systemd/system/holdfast-proxy-front.service 2>/dev/null || true';
        expect(await on('lb2', left)).toBe('');
      },
      240_000,
    );
  }
});
