/** How endpoints stand in a site file: names, members, probing, times. */
import { z } from 'zod';
import { durationSchema } from '../base/zod-duration.ts';
import { say } from './described.ts';
import { loadReasons as reasons } from './load-reasons.ts';
import { dnsName, explain, hostAddress, hostRef, ipAddress } from './values.ts';

const weight = z.number().int().min(0).max(1_000);
const member = z.union([
  hostRef(),
  z.strictObject({
    host: say(hostRef(), 'The host.', '主机名。'),
    address: say(
      hostAddress().optional(),
      'Where clients reach it, if not at the host’s first address.',
      '客户端访问它的地址（若不是主机的第一个地址）。',
    ),
    weight: say(
      weight.optional(),
      'Share of clients under the policy `weighted`. Default: 1.',
      '`weighted` 策略下的权重。默认 1。',
    ),
  }),
]);

const members = z
  .array(member)
  .min(1)
  .superRefine((list, ctx) => {
    const names = list.map((one) => (typeof one === 'string' ? one : one.host));
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue;
      explain(ctx, 'wrong-value', reasons.of('member-twice', { name }), reasons.of('keep-one'), [index]);
    }
  });

/** The ids are where `json-schema.ts` puts what the families bring. */
const driver = z.union([z.string(), z.looseObject({ kind: z.string() })]).meta({ id: 'driver' });
const probe = z
  .union([z.string(), z.looseObject({ kind: z.string(), name: z.string().min(1).optional() })])
  .meta({ id: 'probe' });
const probes = z.array(probe).superRefine((list, ctx) => {
  const names = list.map((one) => (typeof one === 'string' ? undefined : one.name));
  for (const [index, name] of names.entries()) {
    if (name === undefined || names.indexOf(name) === index) continue;
    explain(ctx, 'wrong-value', reasons.of('probe-name-twice', { name }), reasons.of('name-one'), [
      index,
      'name',
    ]);
  }
});
const failback = z.union([
  z.enum(['auto', 'manual']),
  z.strictObject({
    mode: say(
      z.enum(['auto', 'manual']).optional(),
      'Whether the way back is taken without a person. Default: auto.',
      '是否无需人工自动回切。默认 auto。',
    ),
    after: say(
      durationSchema().optional(),
      'How long the original must have been well. Default: 10m.',
      '原主节点须持续正常多久。默认 10m。',
    ),
  }),
]);

/** One endpoint. */
export const endpointFrame = z.strictObject({
  name: say(dnsName().optional(), 'The DNS name that clients use.', '客户端使用的域名。'),
  addresses: say(
    z.array(ipAddress()).optional(),
    'Addresses of its own (a VIP), where it has them.',
    '端点自己的地址（VIP）。',
  ),
  driver: say(
    driver,
    'What realises it: the name of a driver, or { kind: <driver>, … } with its settings.',
    '由什么实现：驱动名，或带设置的 { kind: <驱动>, … }。',
  ),
  policy: say(
    z.enum(['failover', 'all-healthy', 'weighted']).optional(),
    'failover: the first healthy member in order. all-healthy: all of them. weighted: by weight. Default: failover.',
    'failover：按顺序第一个健康成员；all-healthy：所有健康成员；weighted：按权重。默认 failover。',
  ),
  members: say(members, 'Hosts behind it, in order of preference.', '其后的主机，按优先顺序排列。'),
  probes: say(
    probes.optional(),
    'Checks of one member; all must be up. Default: those of the stack in front of which it stands.',
    '对单个成员的探测，须全部通过。默认使用其后栈的探测。',
  ),
  rise: say(
    z.number().int().min(1).max(1_000).optional(),
    'Successes in a row before a member is up. Default: 2.',
    '连续成功多少次视为恢复。默认 2。',
  ),
  fall: say(
    z.number().int().min(1).max(1_000).optional(),
    'Failures in a row before a member is down. Default: 2.',
    '连续失败多少次视为故障。默认 2。',
  ),
  interval: say(
    durationSchema({ minMs: 10 }).optional(),
    'Time from one probe to the next. Default: 1s.',
    '两次探测的间隔。默认 1s。',
  ),
  timeout: say(
    durationSchema({ minMs: 10 }).optional(),
    'How long one probe may take. Default: 1s.',
    '单次探测的超时时间。默认 1s。',
  ),
  ttl: say(
    durationSchema({ maxMs: 2 ** 31 * 1_000 - 1_000 }).optional(),
    'How long clients may keep an answer. Default: 5s.',
    '客户端可缓存应答的时间。默认 5s。',
  ),
  holdDown: say(
    durationSchema().optional(),
    'After a change no other follows for this long, unless the active member goes down. Default: 10s.',
    '切换后在此时间内不再切换，除非活动成员故障。默认 10s。',
  ),
  failoverTarget: say(
    durationSchema({ minMs: 1 }).optional(),
    'The longest outage you accept; lint holds the other times against it. Default: 30s.',
    '可接受的最长中断；lint 据此检查其他时间。默认 30s。',
  ),
  failback: say(
    failback.optional(),
    'The way back to the preferred member: auto, manual, or { mode, after }. Default: auto after 10m where a stack checks parity, otherwise manual.',
    '回切到首选成员的方式：auto、manual 或 { mode, after }。有栈校验数据一致时默认 10m 后自动，否则为 manual。',
  ),
});
