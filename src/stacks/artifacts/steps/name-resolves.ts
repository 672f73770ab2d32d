/**
 * Waits until a host gets members of the endpoint, and nobody else, when it asks for the endpoint's name. It asks as
 * every program on the host does (nsswitch.conf), not a name server of our choice. It changes nothing.
 */
import { z } from 'zod';
import type { Evidence } from '../../../base/evidence.ts';
import { defineReasons } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { timeLimitMs } from '../../../engine/steps/parts/arguments.ts';
import { StepError } from '../../../engine/steps/parts/step-error.ts';
import { script } from '../../../hosts/shell.ts';
import { dnsName, ipAddress } from '../../../site/values.ts';
import { canonicalAddress, getentCommand, parseGetent } from '../facts.ts';

export const nameResolvesArgs = z.strictObject({
  name: dnsName(),
  /** The members' addresses. */
  addresses: z.array(ipAddress()).min(1),
  /** How long to wait: what is cached must be forgotten first. */
  deadlineMs: timeLimitMs(60_000),
  intervalMs: timeLimitMs(2_000),
});
export type NameResolvesArgs = z.infer<typeof nameResolvesArgs>;

const reasons = defineReasons({
  'name-resolves/wait': {
    en: 'wait until {name} leads to a member, at most {seconds} s',
    zh: '等待 {name} 解析到成员，最长 {seconds} 秒',
  },
  'name-resolves/right': { en: '{name} leads to {got}', zh: '{name} 解析为 {got}' },
});

const COMMAND_TIMEOUT_MS = 40_000;
const nothing = z.object({});

/** See the top of this file. */
export const nameResolves: StepKind<NameResolvesArgs, z.infer<typeof nothing>> = {
  kind: 'name-resolves',
  args: nameResolvesArgs,
  reasons,
  retrySafe: true,
  title: ({ name, deadlineMs }) =>
    reasons.of('name-resolves/wait', { name, seconds: Math.ceil(deadlineMs / 1_000) }),
  async check(ctx, args) {
    const got = await askHost(ctx, args);
    if (isRight(got, args)) {
      return { state: 'done', because: reasons.of('name-resolves/right', { name: args.name, got }) };
    }
    return { state: 'todo', diff: { summary: `${args.name}: ${describe(got)} → ${wanted(args)}` } };
  },
  async apply(ctx, args) {
    const startMs = ctx.clock.monotonicMs();
    for (;;) {
      const got = await askHost(ctx, args);
      if (isRight(got, args)) return;
      if (ctx.clock.monotonicMs() - startMs >= args.deadlineMs) throw wrong(args, got);
      await ctx.clock.sleep(args.intervalMs, ctx.signal);
    }
  },
  async verify(ctx, args): Promise<Evidence> {
    const startMs = ctx.clock.monotonicMs();
    const at = ctx.clock.now();
    const got = await askHost(ctx, args);
    if (!isRight(got, args)) throw wrong(args, got);
    const tookMs = ctx.clock.monotonicMs() - startMs;
    return { asked: `getent ahosts ${args.name}`, got: describe(got), expected: wanted(args), at, tookMs };
  },
  undo: { schema: nothing, capture: async () => ({}), revert: async () => {} },
};

async function askHost(ctx: StepContext, { name }: NameResolvesArgs): Promise<string[]> {
  const command = script(getentCommand(name));
  const { stdout } = await ctx.host.run(command, { timeoutMs: COMMAND_TIMEOUT_MS, signal: ctx.signal });
  return parseGetent(stdout);
}

/** Whether every address is a member's, and there is one. */
export function isRight(got: readonly string[], { addresses }: Pick<NameResolvesArgs, 'addresses'>): boolean {
  const members = new Set(addresses.map(canonicalAddress));
  return got.length > 0 && got.every((address) => members.has(address));
}

function describe(got: readonly string[]): string {
  return got.length === 0 ? 'no address' : got.join(', ');
}

function wanted({ addresses }: NameResolvesArgs): string {
  return addresses.join(' or ');
}

function wrong(args: NameResolvesArgs, got: readonly string[]): StepError {
  return new StepError({
    code: 'step/not-as-wanted',
    message: `${args.name} does not lead to a member from this host`,
    expected: wanted(args),
    got: describe(got),
    hint: 'See which name servers the host asks (/etc/resolv.conf), and what they answer (dig).',
    retryable: true,
  });
}
