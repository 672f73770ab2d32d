/** What both proxies are told below `driver:`. */
import { z } from 'zod';
import { say } from '../site/described.ts';
import { hostRef, port } from '../site/values.ts';
import { vrrpFields } from './vrrp-schema.ts';

const passedPort = z
  .union([port(), z.strictObject({ listen: port(), member: port() })])
  .transform((given) => (typeof given === 'number' ? { listen: given, member: given } : given));

/** The fields of a proxy; with those of VRRP, which count where the endpoint has addresses. */
export const proxyConfig = z.strictObject({
  ...vrrpFields,
  ports: say(
    z
      .array(passedPort)
      .min(1)
      .refine((list) => new Set(list.map(({ listen }) => listen)).size === list.length, {
        error: 'each port is listened on once',
      }),
    'TCP ports passed through to the members: 443, or { listen: 443, member: 8443 }.',
    '透传给成员的 TCP 端口：443，或 { listen: 443, member: 8443 }。',
  ),
  proxies: say(
    z.array(hostRef()).min(1).optional(),
    'Hosts that run the proxy, in order of preference. Default: the members themselves.',
    '运行代理的主机，按优先顺序排列。默认为成员自身。',
  ),
});

export type ProxyConfig = z.output<typeof proxyConfig>;
