/** How VRRP is set below `driver:`, by the drivers that let an address move between hosts. */
import { z } from 'zod';
import { durationSchema } from '../base/zod-duration.ts';
import { say } from '../site/described.ts';
import { secretRef } from '../site/values.ts';

/** The fields; a driver spreads them into its own object. */
export const vrrpFields = {
  routerId: say(
    z.number().int().min(1).max(255).optional(),
    'VRRP router id, 1 to 255, used by nobody else on the segment. Default: made from the name, free within this site.',
    'VRRP 路由器 ID（1 到 255），同一网段内不得重复。默认由名称得出，且在本站点内不冲突。',
  ),
  version: say(
    z.union([z.literal(2), z.literal(3)]).optional(),
    'VRRP version. 3 can advertise many times a second; 2 has passwords. Default: 3, or 2 where there is a password.',
    'VRRP 版本。3 可每秒通告多次；2 支持密码。默认 3；设置密码时为 2。',
  ),
  advertInterval: say(
    durationSchema({ minMs: 10, maxMs: 40_000 }).optional(),
    'From one advertisement to the next; a silent owner is replaced after three of them. Default: 100ms; under version 2: 1s.',
    '通告间隔；拥有者连续三个间隔无通告即被接替。默认 100ms；版本 2 为 1s。',
  ),
  multicast: say(
    z.boolean().default(false),
    'Advertise to 224.0.0.18 or ff02::12 instead of to each member. Default: false.',
    '通过 224.0.0.18 或 ff02::12 组播通告，而不是逐个发给成员。默认 false。',
  ),
  password: say(
    secretRef().optional(),
    'Password of VRRPv2, by reference; keepalived uses its first eight characters. It goes over the wire in plain text.',
    'VRRPv2 密码的引用；keepalived 只使用前八个字符，且以明文在网络上传输。',
  ),
  interface: say(
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,14}$/, { error: 'expected the name of a network interface' })
      .optional(),
    'Network interface on every host. Default: the one that has the address of the host in the subnet of the VIP.',
    '各主机上的网络接口。默认为主机在 VIP 所在子网中的地址所属的接口。',
  ),
};

const vrrpSettings = z.object(vrrpFields);
/** What is left of the fields once parsed. */
export type VrrpSettings = z.output<typeof vrrpSettings>;

/** Version and time between advertisements, defaults applied. */
export function pace({ version, password, advertInterval }: VrrpSettings): {
  version: 2 | 3;
  advertMs: number;
} {
  const chosen = version ?? (password === undefined ? 3 : 2);
  return { version: chosen, advertMs: advertInterval ?? (chosen === 3 ? 100 : 1_000) };
}
