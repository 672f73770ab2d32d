/**
 * Makes the first backup of a pair, where neither host has one: it shows that backups can be made, before the night in
 * which nobody looks. A backup that was made stays, also after a rollback.
 */
import { z } from 'zod';
import { defineReasons } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath, timeLimitMs } from '../../../engine/steps/parts/arguments.ts';
import { asRoot, order } from '../../../engine/steps/parts/run.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import { sh } from '../../../hosts/shell.ts';

const mariadbFirstBackupArgs = z.strictObject({
  etc: absolutePath(),
  /** The other of the two, whose backups count, too. */
  other: z.string().min(1),
  timeoutMs: timeLimitMs(6 * 3_600_000),
});
type Args = z.infer<typeof mariadbFirstBackupArgs>;

const undo = z.object({});

const reasons = defineReasons({
  'mariadb-first-backup/make': { en: 'make the first backup', zh: '执行首次备份' },
  'mariadb-first-backup/there': { en: 'there is one: {got}', zh: '已有备份：{got}' },
});

/** See the top of this file. */
export const mariadbFirstBackup: StepKind<Args, z.infer<typeof undo>> = {
  kind: 'mariadb-first-backup',
  args: mariadbFirstBackupArgs,
  reasons,
  retrySafe: true,
  title: () => reasons.of('mariadb-first-backup/make'),
  async check(ctx, args) {
    const got = await newest(ctx, args);
    if (got !== undefined)
      return { state: 'done', because: reasons.of('mariadb-first-backup/there', { got }) };
    return { state: 'todo', diff: { summary: 'neither host has one' } };
  },
  async apply(ctx, args) {
    await order(ctx, sh`${`${args.etc}/backup`} now`, {
      what: 'make a backup',
      hint: 'Look at the disk of the host and at `journalctl -t holdfast-mariadb`, then `holdfast resume`.',
      timeoutMs: args.timeoutMs,
    });
  },
  async verify(ctx, args) {
    const startMs = ctx.clock.monotonicMs();
    const got = await newest(ctx, args);
    if (got === undefined) throw notAsWanted('the backup', 'a whole one', 'none');
    const tookMs = ctx.clock.monotonicMs() - startMs;
    return { asked: `${args.etc}/backup list`, got, at: ctx.clock.now(), tookMs };
  },
  undo: { schema: undo, capture: async () => ({}), revert: async () => {} },
};

async function newest(ctx: StepContext, { etc, other }: Args): Promise<string | undefined> {
  const list = sh`[ ! -x ${`${etc}/backup`} ] || ${`${etc}/backup`} list | sed -n 's/^id //p' | tail -n 1`;
  const found = await Promise.all(
    [ctx.host, await ctx.connect(other)].map(async (host) => {
      const { stdout } = await asRoot({ ...ctx, host }, list);
      return stdout.trim() === '' ? [] : [`${stdout.trim()} on ${host.host}`];
    }),
  );
  return found.flat().sort().at(-1);
}
