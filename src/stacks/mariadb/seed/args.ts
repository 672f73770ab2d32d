import { z } from 'zod';
import { absolutePath, timeLimitMs } from '../../../engine/steps/parts/arguments.ts';
import { hostAddress, port } from '../../../site/values.ts';

/** Arguments of the step `mariadb-seed`. */
export const seedArgs = z.strictObject({
  etc: absolutePath(),
  state: absolutePath(),
  tls: absolutePath(),
  /** The primary, and where it is reached. */
  from: z.string().min(1),
  address: hostAddress(),
  /** Whom the primary sees. */
  own: hostAddress(),
  port: port(),
  /** `backup`: by files where that can be. */
  how: z.enum(['backup', 'dump']),
  timeoutMs: timeLimitMs(6 * 3_600_000),
});
export type SeedArgs = z.infer<typeof seedArgs>;
