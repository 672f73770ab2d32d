/**
 * Begins the first backup of a pair, where neither host has one, by the unit that the timer starts: it shows that backups
 * can be made, before the night in which nobody looks. One that takes long goes on by itself: what comes after this step
 * does not wait for a terabyte. A backup that was made stays, also after a rollback.
 */
import { z } from 'zod';
import { defineReasons } from '../../../base/reason.ts';
import type { StepContext, StepKind } from '../../../engine/step.ts';
import { absolutePath, timeLimitMs } from '../../../engine/steps/parts/arguments.ts';
import { asRoot, order } from '../../../engine/steps/parts/run.ts';
import { notAsWanted } from '../../../engine/steps/parts/step-error.ts';
import { unitName } from '../../../engine/steps/parts/systemd.ts';
import { sh } from '../../../hosts/shell.ts';

const mariadbFirstBackupArgs = z.strictObject({
  etc: absolutePath(),
  /** The other of the two, whose backups count, too. */
  other: z.string().min(1),
  /** What makes one. */
  unit: unitName(),
  /** So long it is watched: most of what goes wrong goes wrong by then. */
  watchMs: timeLimitMs(60_000),
});
type Args = z.infer<typeof mariadbFirstBackupArgs>;

const undo = z.object({});

const LOOK_EVERY_MS = 500;

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
    const hint = `Look at the disk of the host and at \`journalctl -t holdfast-mariadb\`, then \`holdfast resume\`.`;
    await order(ctx, sh`systemctl start --no-block ${args.unit}`, { what: 'begin a backup', hint });
    const endMs = ctx.clock.monotonicMs() + args.watchMs;
    while (ctx.clock.monotonicMs() < endMs) {
      await ctx.clock.sleep(LOOK_EVERY_MS, ctx.signal);
      const state = await stateOf(ctx, args);
      if (state === 'failed') {
        const why = await asRoot(ctx, sh`${`${args.etc}/backup`} list | sed -n 's/^failed [0-9]* //p'`);
        throw notAsWanted('the backup', 'a whole one', why.stdout.trim() || 'it failed', hint);
      }
      if (state !== 'activating') return;
    }
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

async function stateOf(ctx: StepContext, { unit }: Args): Promise<string> {
  const { stdout } = await asRoot(ctx, sh`systemctl is-active ${unit}`);
  return stdout.trim();
}

/** A whole one on either host, or the one that is being made. */
async function newest(ctx: StepContext, args: Args): Promise<string | undefined> {
  const { etc, other } = args;
  const list = sh`[ ! -x ${`${etc}/backup`} ] || ${`${etc}/backup`} list | sed -n 's/^id //p' | tail -n 1`;
  const found = await Promise.all(
    [ctx.host, await ctx.connect(other)].map(async (host) => {
      const { stdout } = await asRoot({ ...ctx, host }, list);
      return stdout.trim() === '' ? [] : [`${stdout.trim()} on ${host.host}`];
    }),
  );
  const whole = found.flat().sort().at(-1);
  if (whole !== undefined) return whole;
  return (await stateOf(ctx, args)) === 'activating' ? `one is being made on ${ctx.host.host}` : undefined;
}
