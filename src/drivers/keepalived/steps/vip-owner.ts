/**
 * Waits until exactly one host owns the address, and proves that another host reaches it there: the neighbour table of
 * that host, after the owner's announcement, has the owner's MAC address. It changes nothing.
 */
import { z } from 'zod';
import type { Evidence } from '../../../base/evidence.ts';
import { defineReasons } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { sh } from '../../../hosts/shell.ts';
import { KeepalivedError } from '../../vrrp-error.ts';
import { type Look, lookCommand, parseLook } from '../../vrrp-look.ts';
import { lookUntil } from '../../vrrp-wait.ts';

const args = z.strictObject({
  endpoint: z.string(),
  addresses: z.array(z.string()).min(1),
  hosts: z.array(z.strictObject({ host: z.string(), interface: z.string() })).min(1),
  deadlineMs: z.number().int().positive().default(30_000),
});
type VipOwnerArgs = z.infer<typeof args>;

/** An address on its way from one host to another is nothing to plan for: longer than any handover takes. */
const HANDOVER_MS = 2_000;
const LOOK_EVERY_MS = 250;

const reasons = defineReasons({
  'vip-owner/wait': { en: 'wait until one host owns {addresses}', zh: '等待恰好一台主机持有 {addresses}' },
  'vip-owner/one': {
    en: '{owner} owns {addresses}, and no other does',
    zh: '{owner} 持有 {addresses}，且没有其他主机持有',
  },
});

/** See the top of this file. */
export const vipOwner: StepKind<VipOwnerArgs, Record<string, never>> = {
  kind: 'vip-owner',
  args,
  reasons,
  retrySafe: true,
  title: ({ addresses }) => reasons.of('vip-owner/wait', { addresses }),
  async check(ctx, of) {
    const looks = await looksUntil(
      ctx,
      of,
      HANDOVER_MS,
      (found) => ownerOf(of, found) !== undefined || !found.some(({ isRunning }) => isRunning),
    );
    const owner = ownerOf(of, looks);
    if (owner !== undefined) {
      return { state: 'done', because: reasons.of('vip-owner/one', { owner, addresses: of.addresses }) };
    }
    return { state: 'todo', diff: { summary: `wait until one host owns ${of.addresses.join(', ')}` } };
  },
  async apply(ctx, of) {
    await waitForOwner(ctx, of);
  },
  async verify(ctx, of): Promise<Evidence> {
    const startMs = ctx.clock.monotonicMs();
    const owner = await waitForOwner(ctx, of);
    const seen = await seenFrom(ctx, of, owner);
    const got = `${owner} owns ${of.addresses.join(', ')}${seen}`;
    const asked = `ip addr show on ${of.hosts.map(({ host }) => host).join(', ')}`;
    return {
      asked,
      got,
      expected: 'one owner',
      at: ctx.clock.now(),
      tookMs: ctx.clock.monotonicMs() - startMs,
    };
  },
  undo: { schema: z.object({}), capture: async () => ({}), revert: async () => {} },
};

function lookAtAll(ctx: StepContext, of: VipOwnerArgs): Promise<Look[]> {
  return Promise.all(
    of.hosts.map(async ({ host }) => {
      const connection = await ctx.connect(host);
      const o = { timeoutMs: 30_000, signal: ctx.signal, as: 'root' } as const;
      return parseLook(host, (await connection.run(lookCommand(of.endpoint, of.addresses), o)).stdout);
    }),
  );
}

function looksUntil(
  ctx: StepContext,
  of: VipOwnerArgs,
  forMs: number,
  isWanted: (found: Look[]) => boolean,
): Promise<Look[]> {
  const { clock, signal } = ctx;
  return lookUntil({ clock, signal, forMs, everyMs: LOOK_EVERY_MS }, () => lookAtAll(ctx, of), isWanted);
}

/** The one host that has all of the addresses, where no other has any. */
function ownerOf(of: VipOwnerArgs, looks: readonly Look[]): string | undefined {
  const owners = looks.filter(({ owns }) => owns.length > 0);
  const [owner] = owners;
  return owners.length === 1 && owner?.owns.length === of.addresses.length ? owner.host : undefined;
}

async function waitForOwner(ctx: StepContext, of: VipOwnerArgs): Promise<string> {
  const looks = await looksUntil(ctx, of, of.deadlineMs, (found) => ownerOf(of, found) !== undefined);
  const owner = ownerOf(of, looks);
  if (owner !== undefined) return owner;
  const owners = looks.filter(({ owns }) => owns.length > 0).map(({ host }) => host);
  throw new KeepalivedError({
    code: 'keepalived/not-moved',
    message: `${of.addresses.join(', ')} has not exactly one owner`,
    expected: `one of ${of.hosts.map(({ host }) => host).join(', ')}`,
    got: owners.length === 0 ? 'none' : owners.join(', '),
    hint:
      owners.length > 1
        ? 'The hosts do not hear each other: let IP protocol 112 in from the others on each of them, and look for a source/destination check of the cloud.'
        : 'See `journalctl -u keepalived` on the hosts: it says why none of them wants to be owner.',
  });
}

/** What another host's neighbour table says, in words; nothing where there is no other host or nothing to ask with. */
async function seenFrom(ctx: StepContext, of: VipOwnerArgs, owner: string): Promise<string> {
  const other = of.hosts.find(({ host }) => host !== owner);
  const its = of.hosts.find(({ host }) => host === owner);
  const [address = ''] = of.addresses;
  if (other === undefined || its === undefined || ctx.signal.aborted) return '';
  const o = { timeoutMs: 30_000, signal: ctx.signal, as: 'root' } as const;
  const mac = (
    await (await ctx.connect(owner)).run(sh`cat ${`/sys/class/net/${its.interface}/address`}`, o)
  ).stdout.trim();
  const ask = sh`command -v ping >/dev/null 2>&1 || exit 0
ping -c 1 -W 2 ${address} >/dev/null 2>&1
ip neigh show to ${address} dev ${other.interface} | sed -n 's/.*lladdr \\([0-9a-f:]*\\).*/\\1/p'`;
  const seen = (await (await ctx.connect(other.host)).run(ask, o)).stdout.trim();
  if (seen === '') return '';
  if (seen === mac) return `; ${other.host} sees it at ${seen}`;
  throw new KeepalivedError({
    code: 'keepalived/not-moved',
    message: `${other.host} sees ${address} at another machine than its owner`,
    expected: `${mac}, which is ${owner}`,
    got: seen,
    hint: 'Somebody else answers ARP for the address, or the announcement of the owner was dropped: look for the machine with that MAC address.',
  });
}
