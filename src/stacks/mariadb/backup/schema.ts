/** What the site file says of backups of a pair. */
import { z } from 'zod';
import { durationSchema } from '../../../base/zod-duration.ts';
import { absolutePath } from '../../../engine/steps/parts/arguments.ts';
import { say } from '../../../site/described.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

export const backupSpec = z
  .strictObject({
    at: say(
      z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'expected a time of day such as 02:30, in quotes' })
        .optional(),
      'Once a day at this time, by the clock and zone of the hosts. Default, where `every` is not given: 02:30.',
      '每天在该时刻执行（按主机的时钟和时区）。未指定 `every` 时默认 02:30。',
    ),
    every: say(
      durationSchema({ minMs: 10 * MINUTE_MS, maxMs: 30 * DAY_MS }).optional(),
      'Instead of `at`: again and again, this long after the last.',
      '代替 `at`：每隔该时长执行一次。',
    ),
    keep: say(
      z.int().min(1).max(1_000).default(7),
      'How many are kept on a host. Default: 7.',
      '每台主机保留的份数。默认 7。',
    ),
    keepFor: say(
      durationSchema({ minMs: 60 * MINUTE_MS, maxMs: 3_650 * DAY_MS }).optional(),
      'Those that are older go, too; the newest good one never does. Default: number alone decides.',
      '超过该时长的也会删除；最新的完好备份永不删除。默认只按份数。',
    ),
    folder: say(
      absolutePath().default('/var/backups/holdfast-mariadb'),
      'Where they lie, on the host that makes them: the standby, or the primary while it is alone. May be a share that both mount. Default: /var/backups/holdfast-mariadb.',
      '备份存放目录，位于执行备份的主机上：通常是备库，主库单独运行时为主库。可以是两台主机都挂载的共享。默认 /var/backups/holdfast-mariadb。',
    ),
    oldest: say(
      durationSchema({ minMs: 20 * MINUTE_MS, maxMs: 365 * DAY_MS }).optional(),
      '`verify` fails where the newest good one is older. Default: twice the time between two.',
      '最新的完好备份超过该时长时 `verify` 报错。默认为两次备份间隔的两倍。',
    ),
  })
  .refine(({ at, every }) => at === undefined || every === undefined, {
    error: 'give `at` or `every`, not both',
  });
export type BackupSpec = z.infer<typeof backupSpec>;

/** How old the newest good one may be, in milliseconds. */
export function oldestMs({ oldest, every }: BackupSpec): number {
  return oldest ?? 2 * (every ?? DAY_MS);
}

/** When systemd starts one: lines of a `[Timer]` section (systemd.timer(5)). A time that was missed is made up for. */
export function timerLines({ at = '02:30', every }: BackupSpec): string[] {
  if (every === undefined) return [`OnCalendar=*-*-* ${at}:00`, 'Persistent=true'];
  const seconds = Math.round(every / 1_000);
  return ['OnBootSec=5min', `OnActiveSec=${seconds}s`, `OnUnitActiveSec=${seconds}s`];
}
