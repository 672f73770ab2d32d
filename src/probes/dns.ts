/** A DNS server answers a question as it should. */
import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { DeadlineError } from '../base/abort.ts';
import { formatDuration } from '../base/duration.ts';
import { abortReason } from '../base/interrupt.ts';
import { defineReasons, joinReasons, type Reason } from '../base/reason.ts';
import { DnsError } from '../dns/error.ts';
import { type Resolved, resolve } from '../dns/resolve.ts';
import { say } from '../site/described.ts';
import { dnsName, ipAddress, port } from '../site/values.ts';
import type { ProbeContext, ProbeKind, ProbeResult, ProbeTarget } from './probe.ts';
import { beginAsking } from './verdict/evidence.ts';
import { runReasons } from './verdict/run-reasons.ts';
import { hostAndPort } from './wire/host-and-port.ts';

const args = z.strictObject({
  query: say(dnsName(), 'Name to ask for.', '要查询的域名。'),
  type: say(
    z
      .string()
      .regex(/^[A-Z][A-Z0-9]*$/, 'expected a record type in capitals, such as A or AAAA')
      .default('A'),
    'Record type.',
    '记录类型。',
  ),
  server: say(
    ipAddress().optional(),
    'Server to ask. Default: the member.',
    '要询问的服务器。默认为成员本身。',
  ),
  port: say(port().default(53), 'Port of the server.', '服务器端口。'),
  protocol: say(
    z.enum(['udp', 'tcp']).default('udp'),
    'udp falls back to tcp where the answer is truncated.',
    'udp 应答被截断时会改用 tcp。',
  ),
  recurse: say(
    z.boolean().default(true),
    'Whether the server should ask others (RD).',
    '是否请求递归（RD）。',
  ),
  rcode: say(
    z
      .string()
      .regex(/^[A-Z]+$/, 'expected a response code in capitals, such as NOERROR or NXDOMAIN')
      .default('NOERROR'),
    'Response code that means up.',
    '表示正常的响应码。',
  ),
  answers: say(
    z.array(z.string().min(1)).min(1).optional(),
    'Expected data of the records, as in a zone file. Default: any, but at least one.',
    '预期的记录数据，写法同区域文件。默认不限内容，但至少有一条。',
  ),
  compare: say(
    z.enum(['exact', 'within', 'contains']).default('exact'),
    'exact: just these. within: one or more of these and no others. contains: all of these, perhaps more.',
    'exact：恰好这些；within：这些中的一个或多个，且没有别的；contains：包含全部这些，可以更多。',
  ),
  authoritative: say(
    z.boolean().default(false),
    'Whether the answer must be authoritative (AA).',
    '应答是否必须是权威应答（AA）。',
  ),
});
export type DnsArgs = z.infer<typeof args>;

const reasons = defineReasons({
  'dns-probe/answered': {
    en: '{server} answers {name} {type} as expected',
    zh: '{server} 对 {name} {type} 的应答符合预期',
  },
  'dns-probe/other-rcode': {
    en: '{server} answers {name} {type} with {rcode} where {expected} was expected',
    zh: '{server} 对 {name} {type} 返回 {rcode}，而预期为 {expected}',
  },
  'dns-probe/no-data': {
    en: '{server} knows {name} but has no {type} record for it',
    zh: '{server} 上有 {name}，但没有它的 {type} 记录',
  },
  'dns-probe/other-answers': {
    en: '{server} answers {name} {type} with {got} where {expected} was expected',
    zh: '{server} 对 {name} {type} 返回 {got}，而预期为 {expected}',
  },
  'dns-probe/not-authoritative': {
    en: '{server} answers {name} from a cache or from another server, not as the authority for it',
    zh: '{server} 对 {name} 的应答来自缓存或其他服务器，不是权威应答',
  },
  'dns-probe/silent': { en: '{server} did not answer within {time}', zh: '{server} 在 {time} 内没有应答' },
  'dns-probe/unreachable': { en: '{server} cannot be reached: {detail}', zh: '无法到达 {server}：{detail}' },
  'dns-probe/malformed': {
    en: '{server} answers with a broken packet: {detail}',
    zh: '{server} 返回了损坏的报文：{detail}',
  },
});

export const dns: ProbeKind<DnsArgs> = {
  kind: 'dns',
  summary: { en: 'a DNS server gives the wanted answer', zh: 'DNS 服务器给出符合预期的应答' },
  args,
  reasons: joinReasons(runReasons, reasons),
  title: (given, target) => `${given.query} ${given.type} at ${serverOf(given, target)}/${given.protocol}`,
  run: runDns,
};

async function runDns(ctx: ProbeContext, given: DnsArgs): Promise<ProbeResult> {
  const asking = beginAsking(ctx.clock, dns.title(given, ctx.target), describeExpected(given));
  const server = serverOf(given, ctx.target);
  try {
    const resolved = await resolve({
      servers: [{ address: given.server ?? ctx.target.address, port: given.port }],
      name: given.query,
      type: given.type,
      tcp: given.protocol === 'tcp',
      recurse: given.recurse,
      timeoutMs: ctx.timeoutMs,
      clock: ctx.clock,
      signal: ctx.signal,
      random: () => randomInt(0x10000) / 0x10000,
    });
    const got = describeResolved(resolved);
    const wrong = judge(resolved, given, server);
    if (wrong !== undefined) return asking.down(got, wrong);
    return asking.up(got, reasons.of('dns-probe/answered', { server, name: given.query, type: given.type }));
  } catch (error) {
    const [got, because] = judgeFailure(ctx, server, error);
    return asking.down(got, because);
  }
}

/** @throws what is no failure of the server: a stop, a name that is none */
function judgeFailure(ctx: ProbeContext, server: string, error: unknown): [got: string, because: Reason] {
  const time = formatDuration(ctx.timeoutMs);
  const isLate = ctx.signal.aborted && abortReason(ctx.signal) instanceof DeadlineError;
  if (isLate || (error instanceof DnsError && error.code === 'dns/timeout')) {
    return [`no answer within ${time}`, reasons.of('dns-probe/silent', { server, time })];
  }
  if (ctx.signal.aborted) throw abortReason(ctx.signal);
  if (!(error instanceof DnsError)) throw error;
  const detail = error.message;
  if (error.code === 'dns/unreachable')
    return [detail, reasons.of('dns-probe/unreachable', { server, detail })];
  if (error.code === 'dns/malformed') return [detail, reasons.of('dns-probe/malformed', { server, detail })];
  throw error;
}

/** The first thing that is not as wanted. */
function judge(resolved: Resolved, given: DnsArgs, server: string): Reason | undefined {
  const { query: name, type, rcode: expected } = given;
  if (resolved.rcode !== expected) {
    return reasons.of('dns-probe/other-rcode', { server, name, type, rcode: resolved.rcode, expected });
  }
  if (given.authoritative && !resolved.authoritative) {
    return reasons.of('dns-probe/not-authoritative', { server, name });
  }
  if (expected !== 'NOERROR') return undefined;
  if (resolved.data.length === 0) return reasons.of('dns-probe/no-data', { server, name, type });
  if (given.answers === undefined || answersFit(resolved.data, given.answers, given.compare))
    return undefined;
  return reasons.of('dns-probe/other-answers', {
    server,
    name,
    type,
    got: resolved.data,
    expected: given.answers,
  });
}

/** Whether the data are those wanted; order, case and the way an IPv6 address is written do not count. */
export function answersFit(
  got: readonly string[],
  wanted: readonly string[],
  compare: DnsArgs['compare'],
): boolean {
  const has = new Set(got.map(canonical));
  const wants = new Set(wanted.map(canonical));
  const hasAll = [...wants].every((one) => has.has(one));
  const hasNoOther = has.size > 0 && [...has].every((one) => wants.has(one));
  if (compare === 'within') return hasNoOther;
  return compare === 'contains' ? hasAll : hasAll && hasNoOther;
}

function canonical(data: string): string {
  if (isIPv6(data)) return URL.parse(`http://[${data}]`)?.hostname ?? data;
  return data.startsWith('"') ? data : data.toLowerCase().replace(/\.$/, '');
}

function serverOf(given: DnsArgs, { address }: ProbeTarget): string {
  return hostAndPort(given.server ?? address, given.port);
}

function describeExpected({ rcode, answers, compare, authoritative }: DnsArgs): string {
  const words = { exact: 'exactly', within: 'only some of', contains: 'at least' } as const;
  const data = answers === undefined ? 'at least one record' : `${words[compare]} ${answers.join(', ')}`;
  return `${rcode}${rcode === 'NOERROR' ? ` with ${data}` : ''}${authoritative ? ', authoritative' : ''}`;
}

function describeResolved({ rcode, data, authoritative }: Resolved): string {
  return `${rcode}${data.length === 0 ? '' : ` ${data.join(', ')}`}${authoritative ? ' (authoritative)' : ''}`;
}
