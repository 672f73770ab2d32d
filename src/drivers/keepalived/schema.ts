import { z } from 'zod';
import { say } from '../../site/described.ts';
import { vrrpFields } from '../vrrp-schema.ts';

/** What the site file says below `driver:` for `kind: keepalived`. */
export const keepalivedConfig = z.strictObject({
  ...vrrpFields,
  process: say(
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.+:-]{0,14}$/, {
        error: 'expected the name of a process, as /proc/PID/comm has it',
      })
      .optional(),
    'Name of the process without which a member may not own the address; the kernel tells keepalived when it ends.',
    '成员持有地址所必需的进程名；进程结束时由内核立即通知 keepalived。',
  ),
  bindAhead: say(
    z.boolean().default(false),
    'Let services listen on the address before the host owns it (ip_nonlocal_bind). Default: false.',
    '允许服务在主机拥有该地址之前就监听它（ip_nonlocal_bind）。默认 false。',
  ),
});

export type KeepalivedConfig = z.output<typeof keepalivedConfig>;
