/** A TCP port accepts connections, and greets as expected where a banner is asked for (SSH, SMTP, MySQL …). */
import type { Socket } from 'node:net';
import { z } from 'zod';
import { abortReason } from '../base/interrupt.ts';
import { defineReasons, joinReasons } from '../base/reason.ts';
import { say } from '../site/described.ts';
import { port as portNumber } from '../site/values.ts';
import type { ProbeContext, ProbeKind, ProbeResult } from './probe.ts';
import { beginAsking, printable } from './verdict/evidence.ts';
import { judgeFailure, networkReasons, type Phase } from './verdict/network.ts';
import { runReasons } from './verdict/run-reasons.ts';
import { connectTcp } from './wire/connect-tcp.ts';
import { hostAndPort } from './wire/host-and-port.ts';

/** A greeting longer than this is not waited for. */
const LONGEST_BANNER = 4_096;

const args = z.strictObject({
  port: say(portNumber(), 'TCP port to connect to.', '要连接的 TCP 端口。'),
  banner: say(
    z.string().min(1).optional(),
    'Text that the first bytes from the server must contain, e.g. SSH-2.0.',
    '服务器最先发来的内容必须包含的文本，例如 SSH-2.0。',
  ),
});
export type TcpArgs = z.infer<typeof args>;

const reasons = defineReasons({
  'tcp/open': { en: '{address} port {port} accepts connections', zh: '{address} 的 {port} 端口接受连接' },
  'tcp/greeted': {
    en: '{address} port {port} greets with the expected text',
    zh: '{address} 的 {port} 端口返回了预期的问候信息',
  },
  'tcp/other-banner': {
    en: "{address} port {port} greets, but not with '{banner}': another service may listen there",
    zh: '{address} 的 {port} 端口的问候信息不含“{banner}”：监听的可能是另一个服务',
  },
});

export const tcp: ProbeKind<TcpArgs> = {
  kind: 'tcp',
  summary: {
    en: 'a TCP port accepts connections (and greets as expected)',
    zh: 'TCP 端口接受连接（并返回预期的问候信息）',
  },
  args,
  reasons: joinReasons(runReasons, networkReasons, reasons),
  title: ({ port }, { address }) => `connect to ${hostAndPort(address, port)}/tcp`,
  run: runTcp,
};

async function runTcp(ctx: ProbeContext, { port, banner }: TcpArgs): Promise<ProbeResult> {
  const { address } = ctx.target;
  const expected = banner === undefined ? 'an open port' : `a banner containing '${banner}'`;
  const asking = beginAsking(ctx.clock, tcp.title({ port, banner }, ctx.target), expected);
  let phase: Phase = 'connection';
  let socket: Socket | undefined;
  try {
    socket = await connectTcp(address, port, ctx.signal);
    if (banner === undefined) return asking.up('connected', reasons.of('tcp/open', { address, port }));
    phase = 'banner';
    const text = await readBanner(socket, banner, ctx.signal);
    if (text.includes(banner)) {
      return asking.up(`banner '${printable(text, 80)}'`, reasons.of('tcp/greeted', { address, port }));
    }
    const got =
      text === '' ? 'the connection was closed without a banner' : `banner '${printable(text, 80)}'`;
    return asking.down(got, reasons.of('tcp/other-banner', { address, port, banner }));
  } catch (error) {
    return judgeFailure(ctx, asking, port, phase, error);
  } finally {
    socket?.destroy();
  }
}

/**
 * What the server says first: until the wanted text is in it, the server ends, or it is too much. At the deadline it
 * is what came so far (RFC 4253 section 4.2: an SSH server may send other lines before its version).
 */
function readBanner(socket: Socket, wanted: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const said = (): void => resolve(bytes.toString());
    const onAbort = (): void => (bytes.length > 0 ? said() : reject(abortReason(signal)));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('close', () => signal.removeEventListener('abort', onAbort));
    socket.on('error', reject);
    socket.on('end', said);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.includes(wanted) || bytes.length >= LONGEST_BANNER) said();
    });
  });
}
