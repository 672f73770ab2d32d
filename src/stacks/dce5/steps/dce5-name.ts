/**
 * Makes sure that a host gets the right answer for the endpoint's name, and only from DNS: no line in /etc/hosts, every
 * name server of its resolv.conf agrees, no line in CoreDNS's ConfigMap. It changes nothing; what is cached is waited
 * for. The runbook's "nslookup from each node", with evidence.
 */
import { z } from 'zod';
import type { Evidence } from '../../../base/evidence.ts';
import { defineReasons, type Reason } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { timeLimitMs } from '../../../engine/steps/parts/arguments.ts';
import { script } from '../../../hosts/shell.ts';
import { dnsName, ipAddress } from '../../../site/values.ts';
import { Dce5Error } from '../error.ts';
import {
  describeView,
  findProblems,
  type NameView,
  nameReasons,
  nameViewCommand,
  readNameView,
} from '../name-view.ts';

export const dce5NameArgs = z.strictObject({
  name: dnsName(),
  /** Addresses that the name may lead to. */
  addresses: z.array(ipAddress()).min(1),
  deadlineMs: timeLimitMs(30_000),
  intervalMs: timeLimitMs(2_000),
});
export type Dce5NameArgs = z.infer<typeof dce5NameArgs>;

const own = defineReasons({
  'dce5-name/make-sure': {
    en: 'make sure that {name} leads to {addresses}, by DNS alone',
    zh: '确认 {name} 仅由 DNS 解析，且结果为 {addresses}',
  },
  'dce5-name/bring-it-there': {
    en: 'Let the name lead there: `holdfast watch` must run; `holdfast status` tells who answers, `holdfast failback` or `holdfast force {where}` moves it. A name server that differs must go from resolv.conf, a line from /etc/hosts or CoreDNS must be removed.',
    zh: '请使域名指向那里：`holdfast watch` 须在运行；`holdfast status` 显示由谁应答，`holdfast failback` 或 `holdfast force {where}` 可移动它。应答不一致的 DNS 服务器须从 resolv.conf 中移除，/etc/hosts 或 CoreDNS 中的相应行须删除。',
  },
});
const reasons = defineReasons({ ...nameReasons, ...own });

const ASK_TIMEOUT_MS = 120_000;
const nothing = z.object({});

/** See the top of this file. */
export const dce5Name: StepKind<Dce5NameArgs, z.infer<typeof nothing>> = {
  kind: 'dce5-name',
  args: dce5NameArgs,
  reasons,
  retrySafe: true,
  title: ({ name, addresses }) => reasons.of('dce5-name/make-sure', { name, addresses }),
  async check(ctx, args) {
    const view = await askName(ctx, args.name);
    const [problem] = findProblems(view, args.name, args.addresses);
    if (problem === undefined) {
      const because = reasons.of('dce5-name/right', { name: args.name, got: describeView(view) });
      return { state: 'done', because };
    }
    const hint = reasons.of('dce5-name/bring-it-there', { where: '<member>' });
    return { state: 'refused', because: problem, hint };
  },
  async apply(ctx, args) {
    const endMs = ctx.clock.monotonicMs() + args.deadlineMs;
    for (;;) {
      const view = await askName(ctx, args.name);
      const problems = findProblems(view, args.name, args.addresses);
      if (problems.length === 0) return;
      if (ctx.clock.monotonicMs() + args.intervalMs >= endMs) throw wrongName(args, view, problems);
      await ctx.clock.sleep(args.intervalMs, ctx.signal);
    }
  },
  async verify(ctx, args): Promise<Evidence> {
    const [startMs, at] = [ctx.clock.monotonicMs(), ctx.clock.now()];
    const view = await askName(ctx, args.name);
    const problems = findProblems(view, args.name, args.addresses);
    if (problems.length > 0) throw wrongName(args, view, problems);
    return {
      asked: `who ${args.name} is, of getent, of each name server, of /etc/hosts and of CoreDNS`,
      got: describeView(view),
      expected: `${args.addresses.join(' or ')}, and no line for it`,
      at,
      tookMs: ctx.clock.monotonicMs() - startMs,
    };
  },
  undo: { schema: nothing, capture: async () => ({}), revert: async () => {} },
};

/** How the host sees the name now. */
export async function askName(ctx: StepContext, name: string): Promise<NameView> {
  // As root: a kubeconfig is root's.
  const { stdout } = await ctx.host.run(script(nameViewCommand(name)), {
    timeoutMs: ASK_TIMEOUT_MS,
    signal: ctx.signal,
    as: 'root',
  });
  return readNameView(stdout, name);
}

function wrongName(args: Dce5NameArgs, view: NameView, problems: readonly Reason[]): Dce5Error {
  return new Dce5Error({
    code: 'dce5/not-ready',
    message: `${args.name} does not lead from this host to where it should (${problems.map(({ code }) => code.replace('dce5-name/', '')).join(', ')})`,
    expected: `${args.addresses.join(' or ')}, by DNS alone`,
    got: describeView(view),
    hint: '`holdfast status` tells who answers; bring the name there with `holdfast failback`, remove lines that override it, and name servers that do not know it.',
    retryable: true,
  });
}
