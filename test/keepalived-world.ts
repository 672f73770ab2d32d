/** The world of the driver `keepalived`: three hosts on a segment of their own, with the real daemon. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepalivedConfig } from '../src/drivers/keepalived/schema.ts';
import type { DriverWorld } from './driver-contract.ts';
import { makeContext, makeEndpoint, makeSite } from './driver-world.ts';
import { until } from './until.ts';
import { segmentFacts, startVipGroup } from './vip-hosts.ts';
import { openSegment, segmentPool } from './vip-segment.ts';

export const VIP = '192.0.2.200';

/** The third has IPv6 as its first address and takes part in the address of IPv4 all the same. */
const ADDRESSES = {
  active: ['192.0.2.193/24'],
  standby: ['192.0.2.194/24'],
  six: ['192.0.2.195/24', '2001:db8::2/64'],
};

export async function keepalivedWorld(): Promise<DriverWorld> {
  await using opened = new AsyncDisposableStack();
  const segment = opened.use(await openSegment(ADDRESSES));
  const endpoint = makeEndpoint('keepalived', keepalivedConfig.parse({}), {
    addresses: [VIP],
    intervalMs: 200,
  });
  const site = makeSite([endpoint]);
  const names = Object.keys(ADDRESSES);
  const group = opened.use(await startVipGroup(segment, site, endpoint, segmentFacts(ADDRESSES), names));
  await until(() => group.owners().length === 1, 'one of them owns the address');
  const stateDir = mkdtempSync(join(tmpdir(), 'holdfast-driver-'));
  opened.defer(() => rmSync(stateDir, { recursive: true, force: true }));
  const running = opened.move();
  return {
    endpoint,
    context: makeContext({ site, stateDir, hosts: segmentPool(segment) }),
    async restart() {
      for (const host of group.hosts.values()) await host.killKeepalived();
      // At once, as after a power cut: the one that starts first alone would keep the address.
      await Promise.all([...group.hosts.values()].map((host) => host.startKeepalived()));
      await until(() => group.owners().length === 1, 'one of them owns the address again');
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
