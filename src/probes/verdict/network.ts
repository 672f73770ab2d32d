import { DeadlineError } from '../../base/abort.ts';
import { formatDuration } from '../../base/duration.ts';
import { messageOf, systemCode } from '../../base/errors.ts';
import { abortReason } from '../../base/interrupt.ts';
import { defineReasons, type Reason } from '../../base/reason.ts';
import type { ProbeContext, ProbeResult } from '../probe.ts';
import type { Asking } from './evidence.ts';

/** Why a connection failed, shared by every kind that opens one. */
export const networkReasons = defineReasons({
  'probe/refused': {
    en: '{address} port {port} refused the connection: nothing listens there',
    zh: '{address} 的 {port} 端口拒绝连接：没有进程在监听',
  },
  'probe/unreachable': {
    en: 'there is no way to {address}: {detail}',
    zh: '无法到达 {address}：{detail}',
  },
  'probe/unresolved': {
    en: 'the address {address} is a name that does not resolve',
    zh: '地址 {address} 是一个无法解析的名称',
  },
  'probe/reset': {
    en: '{address} port {port} accepted the connection and cut it off',
    zh: '{address} 的 {port} 端口接受了连接，随即将其中断',
  },
  'probe/no-connection': {
    en: '{address} port {port} did not answer the connection within {time}',
    zh: '{address} 的 {port} 端口在 {time} 内没有回应连接请求',
  },
  'probe/no-banner': {
    en: '{address} port {port} accepted the connection but did not greet as expected within {time}',
    zh: '{address} 的 {port} 端口接受了连接，但在 {time} 内没有给出预期的问候信息',
  },
  'probe/no-handshake': {
    en: '{address} port {port} accepted the connection but did not finish the TLS handshake within {time}',
    zh: '{address} 的 {port} 端口接受了连接，但在 {time} 内没有完成 TLS 握手',
  },
  'probe/no-response': {
    en: '{address} port {port} accepted the connection but sent no response within {time}',
    zh: '{address} 的 {port} 端口接受了连接，但在 {time} 内没有返回响应',
  },
  'probe/no-body': {
    en: '{address} port {port} began to respond but did not finish within {time}',
    zh: '{address} 的 {port} 端口开始响应，但在 {time} 内没有传完',
  },
  'probe/prober-short': {
    en: 'the machine that probes could not open a connection ({detail}); this says nothing about {address}',
    zh: '执行探测的机器无法建立连接（{detail}）；这并不说明 {address} 有问题',
  },
  'probe/connection-failed': {
    en: 'the connection to {address} port {port} failed: {detail}',
    zh: '与 {address} 的 {port} 端口的连接失败：{detail}',
  },
});

/** What the probe was waiting for; each has its sentence for the case that it never came. */
const WAITING_FOR = {
  connection: 'probe/no-connection',
  banner: 'probe/no-banner',
  handshake: 'probe/no-handshake',
  response: 'probe/no-response',
  body: 'probe/no-body',
} as const;
export type Phase = keyof typeof WAITING_FOR;

/** Errors that are about this machine, not about the target: the answer is unknown, never down. */
const OUR_OWN = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'EPERM',
  'EACCES',
  'EAI_AGAIN',
]);
const NO_WAY = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'ETIMEDOUT']);

/**
 * Turns a failed connection into a result: refused, reset, no way or silent is `down`; a shortage on this machine is
 * `unknown`.
 * @throws the signal's reason where the prober was stopped rather than late
 */
export function judgeFailure(
  ctx: ProbeContext,
  asking: Asking,
  port: number,
  phase: Phase,
  error: unknown,
): ProbeResult {
  const address = ctx.target.address;
  if (ctx.signal.aborted) {
    const cause = abortReason(ctx.signal);
    if (!(cause instanceof DeadlineError)) throw cause;
    const time = formatDuration(ctx.timeoutMs);
    const because = networkReasons.of(WAITING_FOR[phase], { address, port, time });
    return asking.down(`no ${phase} within ${time}`, because);
  }
  const code = systemCode(error);
  const detail = code ?? messageOf(error);
  if (code !== undefined && OUR_OWN.has(code)) {
    return asking.unknown(detail, networkReasons.of('probe/prober-short', { address, detail }));
  }
  return asking.down(detail, reasonFor(code, { address, port, detail }));
}

function reasonFor(code: string | undefined, params: Reason['params']): Reason {
  if (code === 'ECONNREFUSED') return networkReasons.of('probe/refused', params);
  if (code === 'ECONNRESET' || code === 'EPIPE') return networkReasons.of('probe/reset', params);
  if (code === 'ENOTFOUND') return networkReasons.of('probe/unresolved', params);
  if (code !== undefined && NO_WAY.has(code)) return networkReasons.of('probe/unreachable', params);
  return networkReasons.of('probe/connection-failed', params);
}
