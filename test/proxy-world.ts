/** The world of the drivers `haproxy` and `nginx`: a proxy and three members on a segment, with the real daemons. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { proxyConfig } from '../src/drivers/proxy-schema.ts';
import { drivers } from '../src/drivers/registry.ts';
import type { DriverWorld } from './driver-contract.ts';
import { localHost, makeContext, makeEndpoint, makeSite } from './driver-world.ts';
import { layOut, segmentFacts, startProxy } from './vip-hosts.ts';
import { startVipService } from './vip-pair.ts';
import { openSegment, segmentPool } from './vip-segment.ts';

const PORT = 8443;
const ADDRESSES = {
  active: ['192.0.2.193/24'],
  standby: ['192.0.2.194/24'],
  six: ['2001:db8::2/64'],
  proxy: ['192.0.2.199/24', '2001:db8::9/64'],
};

/** Every healthy member gets clients, so that an answer may name several. */
export async function proxyWorld(kind: 'haproxy' | 'nginx'): Promise<DriverWorld> {
  await using opened = new AsyncDisposableStack();
  const segment = opened.use(await openSegment(ADDRESSES));
  for (const name of ['active', 'standby', 'six']) {
    opened.use(await startVipService(segment.host(name), PORT, name));
  }
  const config = proxyConfig.parse({ ports: [PORT], proxies: ['proxy'] });
  const endpoint = makeEndpoint(kind, config, {
    policy: 'all-healthy',
    intervalMs: 100,
    probes: [{ name: 'port', kind: 'tcp', args: { port: PORT } }],
  });
  const site = makeSite([endpoint], [localHost('proxy', '192.0.2.199')]);
  await layOut(segment, drivers.get(kind).plan(site, endpoint, segmentFacts(ADDRESSES)));
  const host = segment.host('proxy');
  let proxy = await startProxy(host, endpoint);
  opened.defer(() => proxy.kill());
  const stateDir = mkdtempSync(join(tmpdir(), 'holdfast-driver-'));
  opened.defer(() => rmSync(stateDir, { recursive: true, force: true }));
  const running = opened.move();
  return {
    endpoint,
    context: makeContext({ site, stateDir, hosts: segmentPool(segment) }),
    async restart() {
      host.shell(`killall -q -9 ${kind}`);
      await proxy.kill();
      proxy = await startProxy(host, endpoint);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
