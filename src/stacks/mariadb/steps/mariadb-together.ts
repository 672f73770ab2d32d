/**
 * Waits until the two are a pair: the primary writes and its commits wait for the standby; the standby follows by GTID,
 * is read-only, and holds everything. Asks the agents on both hosts; changes nothing.
 */
import { z } from 'zod';
import { defineReasons } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath, timeLimitMs } from '../../../engine/steps/parts/arguments.ts';
import { asRoot } from '../../../engine/steps/parts/run.ts';
import type { Connection } from '../../../hosts/host.ts';
import { sh } from '../../../hosts/shell.ts';
import { MariadbError } from '../error.ts';

const mariadbTogetherArgs = z.strictObject({
  etc: absolutePath(),
  /** The other of the two; which of them is primary does not matter. */
  other: z.string().min(1),
  deadlineMs: timeLimitMs(300_000),
});
type Args = z.infer<typeof mariadbTogetherArgs>;

const undo = z.object({});

const reasons = defineReasons({
  'mariadb-together/wait': { en: 'both are one pair', zh: '两个节点组成主备' },
  'mariadb-together/yes': { en: 'they are: {got}', zh: '已组成主备：{got}' },
});

const LOOK_EVERY_MS = 500;

/** See the top of this file. */
export const mariadbTogether: StepKind<Args, z.infer<typeof undo>> = {
  kind: 'mariadb-together',
  args: mariadbTogetherArgs,
  reasons,
  retrySafe: true,
  title: () => reasons.of('mariadb-together/wait'),
  async check(ctx, args) {
    const found = await look(ctx, args);
    if (found.isPair)
      return { state: 'done', because: reasons.of('mariadb-together/yes', { got: found.got }) };
    // Not how they stand now: that moves by itself from the plan to its execution.
    return { state: 'todo', diff: { summary: 'wait for it' } };
  },
  async apply(ctx, args) {
    const endMs = ctx.clock.monotonicMs() + args.deadlineMs;
    for (;;) {
      const found = await look(ctx, args);
      if (found.isPair) return;
      if (ctx.clock.monotonicMs() >= endMs) throw notTogether(args, found.got);
      await ctx.clock.sleep(LOOK_EVERY_MS, ctx.signal);
    }
  },
  async verify(ctx, args) {
    const startMs = ctx.clock.monotonicMs();
    const { isPair, got } = await look(ctx, args);
    if (!isPair) throw notTogether(args, got);
    const tookMs = ctx.clock.monotonicMs() - startMs;
    return { asked: 'role status on both hosts', got, at: ctx.clock.now(), tookMs };
  },
  undo: { schema: undo, capture: async () => ({}), revert: async () => {} },
};

async function look(ctx: StepContext, args: Args): Promise<{ isPair: boolean; got: string }> {
  const other = await ctx.connect(args.other);
  const states = await Promise.all([stateOf(ctx, ctx.host, args), stateOf(ctx, other, args)]);
  const isPair = [...states].sort().join() === 'level,together';
  return { isPair, got: `${ctx.host.host} ${states[0]}, ${args.other} ${states[1]}` };
}

async function stateOf(ctx: StepContext, host: Connection, { etc }: Args): Promise<string> {
  const { stdout } = await asRoot(
    { ...ctx, host },
    sh`${etc}/role status 2>/dev/null | sed -n 's/^state //p'`,
  );
  return stdout.trim() || 'unknown';
}

function notTogether({ etc }: Args, got: string): MariadbError {
  return new MariadbError({
    code: 'mariadb/not-level',
    message: 'the two did not become a pair in time',
    expected: 'one together, the other level',
    got,
    hint: `Read \`${etc}/role status\` on both hosts; \`journalctl -t holdfast-mariadb\` has its history.`,
    retryable: true,
  });
}
