/** Two real proxies on hosts of their own behind an address that keepalived moves, in front of two members. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EndpointDriver } from '../src/drivers/driver.ts';
import { lookAtHaproxy } from '../src/drivers/haproxy/runtime.ts';
import { proxyConfig } from '../src/drivers/proxy-schema.ts';
import { drivers } from '../src/drivers/registry.ts';
import { localHost, makeAnswer, makeContext, makeEndpoint, makeSite } from './driver-world.ts';
import { until } from './until.ts';
import { segmentFacts, startProxy, startVipGroup } from './vip-hosts.ts';
import { nowMs, openPair, PAIR_ADDRESSES, PAIR_MEMBERS, PAIR_PORT, PAIR_VIP } from './vip-pair.ts';
import { segmentMissing, segmentPool } from './vip-segment.ts';

const suffix = segmentMissing === undefined ? '' : ` (skipped: ${segmentMissing})`;
const PROXIES = { lb1: ['198.18.9.11/24'], lb2: ['198.18.9.12/24'] };

async function startProxies(kind: 'haproxy' | 'nginx') {
  const pair = await openPair(PROXIES);
  onTestFinished(() => pair[Symbol.asyncDispose]());
  const endpoint = makeEndpoint(
    kind,
    proxyConfig.parse({ ports: [PAIR_PORT, PAIR_PORT + 1], proxies: ['lb1', 'lb2'] }),
    {
      name: 'db',
      addresses: [PAIR_VIP],
      members: PAIR_MEMBERS,
      probes: [{ name: 'port', kind: 'tcp', args: { port: PAIR_PORT } }],
      intervalMs: 100,
    },
  );
  const names = Object.keys(PROXIES);
  const site = makeSite(
    [endpoint],
    names.map((name) => localHost(name, PROXIES[name as 'lb1'][0]?.split('/')[0])),
  );
  const facts = segmentFacts({ ...PAIR_ADDRESSES, ...PROXIES });
  const group = await startVipGroup(pair.segment, site, endpoint, facts, names, async (host) => {
    const proxy = await startProxy(host, endpoint);
    onTestFinished(() => proxy.kill());
  });
  onTestFinished(() => group[Symbol.asyncDispose]());
  const driver: EndpointDriver<unknown> = drivers.get(kind);
  const context = makeContext({ site, stateDir: '/nonexistent', hosts: segmentPool(pair.segment) });
  let epoch = 0;
  await until(() => group.owners().join() === 'lb1', 'the preferred proxy owns the address');
  return {
    ...pair,
    ...group,
    publish: (member: string) => driver.publish(context, endpoint, makeAnswer([member], ++epoch)),
    observe: () => driver.observe(context, endpoint),
    /** HAProxy on each host has noticed. */
    findsDown: (name: string) =>
      until(async () => {
        const looks = await Promise.all(names.map((host) => lookAtHaproxy(context, endpoint, host)));
        return looks.every(({ well }) => !well.includes(name));
      }, `every HAProxy finds ${name} down`),
    reaches: (name: string) => until(() => pair.client.answeredBy(200) === name, `clients reach ${name}`),
  };
}

describe.skipIf(segmentMissing !== undefined)(`proxies behind an address${suffix}`, () => {
  test.each(['haproxy', 'nginx'] as const)('%s passes clients to the published member', async (kind) => {
    const { publish, observe, reaches } = await startProxies(kind);
    await reaches('db1');

    const { changed } = await publish('db2');
    await reaches('db2');

    expect(changed).toBe(true);
    expect(await observe()).toMatchObject({ members: ['db2'], strangers: [] });
    await publish('db1');
    await reaches('db1');
  });

  test.each(['haproxy', 'nginx'] as const)(
    '%s lets a connection that is under way end by itself when its member is drained',
    async (kind) => {
      const { publish, reaches, segment } = await startProxies(kind);
      await reaches('db1');
      const talk = `exec 3<>/dev/tcp/${PAIR_VIP}/${PAIR_PORT + 1}
ask() { echo hello >&3; read -r name <&3; echo "$1 $name"; }
ask connected; until [ -e /run/drained ]; do sleep 0.1; done; ask still`;
      const running = await segment.host('client').start('bash', ['-c', talk], /connected db1/);

      await publish('db2');
      await reaches('db2');
      segment.host('client').shell('touch /run/drained');

      await until(() => running.log().includes('still '), 'the old connection is answered once more');
      expect(running.log()).toContain('still db1');
      await running.kill();
    },
  );

  test.each(['haproxy', 'nginx'] as const)(
    '%s turns to the other member by itself when one dies',
    async (kind) => {
      const { reaches, killService } = await startProxies(kind);
      await reaches('db1');

      await killService('db1');

      await reaches('db2');
    },
  );

  test.each(['haproxy', 'nginx'] as const)(
    '%s: the address leaves a host whose proxy is dead',
    async (kind) => {
      const { reaches, owners, segment, client } = await startProxies(kind);
      await reaches('db1');
      const sinceMs = nowMs();

      segment.host('lb1').shell(`killall -q -9 ${kind}`);

      await until(() => owners().join() === 'lb2', 'the other proxy owns the address');
      await reaches('db1');
      expect(client.longestSilenceMs(sinceMs)).toBeLessThan(5_000);
    },
  );

  test('haproxy does not lead clients to a member that it finds down', async () => {
    const { reaches, killService, findsDown, publish } = await startProxies('haproxy');
    await reaches('db1');
    await killService('db2');
    await findsDown('db2');

    await expect(publish('db2')).rejects.toMatchObject({ code: 'proxy/not-ready', retryable: true });
    await reaches('db1');
  });

  test('haproxy’s socket is root’s alone', async () => {
    const { segment } = await startProxies('haproxy');

    const mode = segment.host('lb1').shell("stat -c '%a %U' /run/holdfast/proxy/db/admin.sock");
    expect(mode.trim()).toBe('600 root');
  });
});
