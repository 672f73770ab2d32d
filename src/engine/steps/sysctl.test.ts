import { describe, expect, it } from 'vitest';
import { namespaceMissing, type ScratchHost } from '../../../test/scratch-host.ts';
import { Trial } from '../../../test/step-contract.ts';
import { world } from '../../../test/step-worlds.ts';
import { sysctl } from './sysctl.ts';

const suffix = namespaceMissing === undefined ? '' : ` (${namespaceMissing})`;
const signal = new AbortController().signal;

async function within(
  values: Record<string, string | number>,
  setup: string,
  work: (trial: Trial) => Promise<void>,
): Promise<void> {
  const kind = world({
    name: 'a namespace',
    options: { namespace: true },
    async prepare({ host }: { host: ScratchHost }) {
      await host.run({ text: setup }, { timeoutMs: 10_000, signal });
      return { name: 'test', values };
    },
  });
  await using opened = await kind.open();
  await work(new Trial(sysctl, opened));
}

describe.skipIf(namespaceMissing !== undefined)(`kernel parameters${suffix}`, () => {
  it('show old and new values and the drop-in', () =>
    within({ 'net.ipv4.ip_forward': 1 }, ':', async (trial) => {
      const check = await trial.check();
      expect(check).toMatchObject({
        state: 'todo',
        diff: {
          summary: expect.stringMatching(/^set 1 live, create \/etc\/sysctl\.d\/60-holdfast-test\.conf/),
        },
      });
      expect(check.state === 'todo' && check.diff.text).toMatch(
        /^net\.ipv4\.ip_forward: 0 → 1\n[\s\S]*\+net\.ipv4\.ip_forward = 1\n/,
      );
    }));

  it('are refused where a file that is read later says something else', () =>
    within(
      { 'net.ipv4.ip_forward': 1 },
      'echo "net/ipv4/ip_forward=0" >/etc/sysctl.d/99-vendor.conf',
      async (trial) => {
        expect(await trial.check()).toMatchObject({
          state: 'refused',
          because: {
            code: 'sysctl/overridden',
            params: { file: '/etc/sysctl.d/99-vendor.conf', key: 'net.ipv4.ip_forward', other: '0' },
          },
        });
      },
    ));

  it('do not mind files that are read before, or agree, or are commented', () =>
    within(
      { 'net.ipv4.ip_forward': 1 },
      'cd /etc/sysctl.d; echo "net.ipv4.ip_forward=0" >10-a.conf; echo "net.ipv4.ip_forward = 1" >98-b.conf; echo "#net.ipv4.ip_forward=0" >99-c.conf',
      async (trial) => {
        expect((await trial.check()).state).toBe('todo');
      },
    ));

  it('say which module is missing, before anything is written', () =>
    within({ 'net.bridge.no-such-parameter': 1, 'net.ipv4.ip_forward': 1 }, ':', async (trial) => {
      const before = await trial.world.host.files.stat('/etc/sysctl.d/60-holdfast-test.conf', signal);
      expect(await trial.check()).toMatchObject({
        state: 'todo',
        diff: { text: expect.stringContaining('no such parameter yet') },
      });
      await trial.capture();
      await expect(trial.apply()).rejects.toMatchObject({
        code: 'step/no-such-sysctl',
        hint: expect.stringContaining('modprobe br_netfilter'),
      });
      expect(await trial.world.host.files.stat('/etc/sysctl.d/60-holdfast-test.conf', signal)).toEqual(
        before,
      );
    }));

  it('say so where the kernel does not take the value', () =>
    within({ 'net.ipv4.ip_local_port_range': 'five six' }, ':', async (trial) => {
      await trial.capture();
      await expect(trial.apply()).rejects.toMatchObject({
        code: 'step/command-failed',
        got: expect.stringMatching(/exit code 1/),
      });
      await trial.revert();
      expect((await trial.check()).state).toBe('todo');
    }));
});

describe('arguments of kernel parameters', () => {
  it('are names and values, and no paths or lines', () => {
    const parse = (values: unknown): boolean => sysctl.args.safeParse({ name: 'a', values }).success;
    expect(parse({ 'net.ipv4.conf.eth0/100.rp_filter': 2 })).toBe(true);
    for (const key of ['net', '../etc/passwd', 'net.ipv4.ip forward', 'net.$(id)'])
      expect(parse({ [key]: 1 })).toBe(false);
    expect(parse({ 'kernel.panic': '1\nkernel.x = 2' })).toBe(false);
    expect(parse({})).toBe(false);
  });
});
