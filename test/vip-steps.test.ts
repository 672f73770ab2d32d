/** The steps that ask the segment before and after, on real hosts of it; and what keepalived says of what is rendered. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { SystemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/log.ts';
import { renderReason } from '../src/base/reason.ts';
import { keepalived } from '../src/drivers/keepalived/index.ts';
import { keepalivedConfig } from '../src/drivers/keepalived/schema.ts';
import { vipFree } from '../src/drivers/keepalived/steps/vip-free.ts';
import { vipOwner } from '../src/drivers/keepalived/steps/vip-owner.ts';
import type { StepContext } from '../src/engine/step.ts';
import { makeEndpoint, makeSite } from './driver-world.ts';
import { layOut, segmentFacts } from './vip-hosts.ts';
import { openSegment, type Segment, segmentMissing } from './vip-segment.ts';

const suffix = segmentMissing === undefined ? '' : ` (skipped: ${segmentMissing})`;
const ADDRESSES = { db1: ['198.18.9.1/24', 'fd00:9::1/64'], db2: ['198.18.9.2/24', 'fd00:9::2/64'] };
const VIP = '198.18.9.50';

async function open(more: Readonly<Record<string, readonly string[]>> = {}): Promise<Segment> {
  const segment = await openSegment({ ...ADDRESSES, ...more });
  onTestFinished(() => segment[Symbol.asyncDispose]());
  return segment;
}

function contextOn(segment: Segment, host: string): StepContext {
  return {
    host: segment.host(host).connection,
    connect: async (name) => segment.host(name).connection,
    clock: new SystemClock(),
    signal: new AbortController().signal,
    log: silentLogger,
    secret: () => Promise.reject(new Error('these steps have no secrets')),
    amendUndo: async () => {},
  };
}

const free = {
  addresses: [VIP],
  interface: 'eth0',
  routerId: 99,
  hosts: [
    { host: 'db1', interface: 'eth0', source: '198.18.9.1' },
    { host: 'db2', interface: 'eth0', source: '198.18.9.2' },
  ],
};

describe.skipIf(segmentMissing !== undefined)(`before an address is taken${suffix}`, () => {
  test('nobody has it: the step has nothing to do, and says what it heard', async () => {
    const segment = await open();

    const check = await vipFree.check(contextOn(segment, 'db1'), free);

    expect(check.state).toBe('done');
    const because = check.state === 'done' ? renderReason(check.because, [vipFree.reasons], 'en') : '';
    expect(because).toContain(`nobody else answers for ${VIP}; VRRP heard from others: none`);
  });

  test('a stranger has it: the plan is refused with its MAC address', async () => {
    const segment = await open({ stranger: [`${VIP}/24`] });
    const mac = segment.host('stranger').shell('cat /sys/class/net/eth0/address').trim();

    const check = await vipFree.check(contextOn(segment, 'db1'), free);

    expect(check).toMatchObject({
      state: 'refused',
      because: { code: 'vip-free/taken', params: { address: VIP, lladdr: mac } },
    });
  });

  test('a member has it already: that is no stranger', async () => {
    const segment = await open();
    segment.host('db2').shell(`ip addr add ${VIP}/24 dev eth0`);

    expect((await vipFree.check(contextOn(segment, 'db1'), free)).state).toBe('done');
  });

  test('another group speaks with the router id: the plan is refused with who it is', async () => {
    const segment = await open({ router: ['198.18.9.77/24'] });
    const router = segment.host('router');
    const conf = `vrrp_instance other {
  interface eth0
  virtual_router_id 99
  priority 100
  advert_int 1
  virtual_ipaddress { 198.18.9.78
  }
}
`;
    await router.connection.files.replace(
      '/etc/keepalived/keepalived.conf',
      Buffer.from(conf),
      {},
      new AbortController().signal,
    );
    await router.start('keepalived', ['-n', '-l', '-D', '-P'], /Entering MASTER STATE/);

    const check = await vipFree.check(contextOn(segment, 'db1'), free);

    expect(check).toMatchObject({
      state: 'refused',
      because: { code: 'vip-free/id-taken', params: { id: '99', source: '198.18.9.77' } },
    });
    const other = await vipFree.check(contextOn(segment, 'db1'), { ...free, routerId: 98 });
    expect(other.state).toBe('done');
  });
});

const owner = {
  endpoint: 'db',
  addresses: [VIP],
  hosts: free.hosts.map(({ host, interface: name }) => ({ host, interface: name })),
  deadlineMs: 500,
};

describe.skipIf(segmentMissing !== undefined)(`after everything is laid out${suffix}`, () => {
  test('one host owns the address, and the other sees it there', async () => {
    const segment = await open();
    segment.host('db2').shell(`ip addr add ${VIP}/24 dev eth0`);
    const mac = segment.host('db2').shell('cat /sys/class/net/eth0/address').trim();

    expect((await vipOwner.check(contextOn(segment, 'db1'), owner)).state).toBe('done');
    const { got } = await vipOwner.verify(contextOn(segment, 'db1'), owner);
    expect(got).toBe(`db2 owns ${VIP}; db1 sees it at ${mac}`);
  });

  test('a stranger who answers for it, too, is named by the MAC address that another host sees', async () => {
    const segment = await open({ stranger: [`${VIP}/24`] });
    segment.host('db2').shell(`ip addr add ${VIP}/24 dev eth0 nodad`);
    // So that the stranger is faster.
    segment.host('db2').shell('sysctl -qw net.ipv4.conf.eth0.arp_ignore=8');
    const macOf = (name: string): string =>
      segment.host(name).shell('cat /sys/class/net/eth0/address').trim();

    await expect(vipOwner.verify(contextOn(segment, 'db1'), owner)).rejects.toMatchObject({
      code: 'keepalived/not-moved',
      expected: `${macOf('db2')}, which is db2`,
      got: macOf('stranger'),
    });
  });

  test('two owners are one too many, and the error says why that may be', async () => {
    const segment = await open();
    for (const name of ['db1', 'db2']) segment.host(name).shell(`ip addr add ${VIP}/24 dev eth0 nodad`);

    expect((await vipOwner.check(contextOn(segment, 'db1'), owner)).state).toBe('todo');
    await expect(vipOwner.verify(contextOn(segment, 'db1'), owner)).rejects.toMatchObject({
      code: 'keepalived/not-moved',
      got: 'db1, db2',
      hint: expect.stringContaining('IP protocol 112'),
    });
  });

  test('two owners for a moment are an address on its way, and nothing to plan for', async () => {
    const segment = await open();
    for (const name of ['db1', 'db2']) {
      segment.host(name).shell(`ip addr add ${VIP}/24 dev eth0 nodad; echo 1 >/run/keepalived.pid`);
    }
    const ctx = contextOn(segment, 'db1');
    let looks = 0;

    const check = await vipOwner.check(
      {
        ...ctx,
        async connect(name) {
          if (name === 'db1' && ++looks === 2) segment.host('db1').shell(`ip addr del ${VIP}/24 dev eth0`);
          return ctx.connect(name);
        },
      },
      owner,
    );

    expect(check).toMatchObject({ state: 'done', because: { params: { owner: 'db2' } } });
    expect(looks).toBe(2);
  });

  test('no owner is an error after the deadline', async () => {
    const segment = await open();

    await expect(vipOwner.apply(contextOn(segment, 'db1'), owner, {})).rejects.toMatchObject({
      code: 'keepalived/not-moved',
      got: 'none',
    });
  });

  test.each([
    ['VRRPv3 to each peer', {}, [VIP]],
    ['VRRPv3 with multicast and a process that is watched', { multicast: true, process: 'mariadbd' }, [VIP]],
    ['VRRPv2 with a password', { password: 'env:VRRP' }, [VIP]],
    ['IPv6', {}, ['fd00:9::50']],
    ['both families at once', {}, [VIP, 'fd00:9::50']],
  ])('keepalived itself finds nothing wrong with %s', async (_what, settings, addresses) => {
    const segment = await open();
    const members = ['db1', 'db2'].map((name, index) => ({
      name,
      host: name,
      address: `198.18.9.${index + 1}`,
      weight: 1,
    }));
    const endpoint = makeEndpoint('keepalived', keepalivedConfig.parse(settings), {
      name: 'db',
      addresses,
      members,
    });
    await layOut(segment, keepalived.plan(makeSite([endpoint]), endpoint, segmentFacts(ADDRESSES)));

    // A warning of old spelling is keepalived's own: it still knows vrrp_track_file, and CentOS 8 knows nothing else.
    const said = segment.host('db1').shell('keepalived -t -l 2>&1; echo "exit $?"');
    const complaints = said.split('\n').filter((line) => /\(\/etc|\(Line|error|invalid|unknown/i.test(line));
    expect(complaints).toEqual([]);
    expect(said).toContain('exit 0');
  });
});
