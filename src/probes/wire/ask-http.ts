/** The life of an HTTP probe: connect, ask, follow redirects on the same member, judge. Shared by http and https. */
import type { Socket } from 'node:net';
import { systemCode } from '../../base/errors.ts';
import type { Reason } from '../../base/reason.ts';
import type { HttpArgs } from '../args/http-args.ts';
import type { ProbeContext, ProbeResult } from '../probe.ts';
import type { Asking } from '../verdict/evidence.ts';
import { describeReply, describeStatus, httpReasons, judgeReply } from '../verdict/http-judge.ts';
import { judgeFailure, type Phase } from '../verdict/network.ts';
import { authorization } from './authorization.ts';
import { hostAndPort, inBrackets } from './host-and-port.ts';
import { exchange, type HttpReply } from './http-exchange.ts';

/** An open way to the server, and what was noticed on the way (a certificate that soon expires). */
export interface Way {
  readonly socket: Socket;
  readonly warnings: readonly Reason[];
}
/** A way that is refused for good (a certificate that is not trusted), with its evidence. */
export interface NoWay {
  readonly status: 'down' | 'unknown';
  readonly got: string;
  readonly because: Reason;
}

export interface HttpWay {
  readonly scheme: 'http' | 'https';
  readonly defaultPort: number;
  open(onPhase: (phase: Phase) => void): Promise<Way | NoWay>;
}

/** Where no body is judged, no more of it than this is awaited. */
const UNJUDGED_BODY_BYTES = 65_536;

/** `https://10.0.0.1:5000/v2/`; the scheme's own port is left out. */
export function urlOf(way: Pick<HttpWay, 'scheme' | 'defaultPort'>, address: string, args: HttpArgs): string {
  const where = args.port === way.defaultPort ? inBrackets(address) : hostAndPort(address, args.port);
  return `${way.scheme}://${where}${args.path}`;
}

/** Asks and judges; see the contract in `probe.ts`. */
export async function askHttp(
  ctx: ProbeContext,
  args: HttpArgs,
  way: HttpWay,
  asking: Asking,
): Promise<ProbeResult> {
  let phase: Phase = 'connection';
  const onPhase = (next: Phase): void => {
    phase = next;
  };
  const secret = args.auth === undefined ? undefined : await authorization(args.auth, ctx);
  let path = args.path;
  try {
    for (let followed = 0; ; followed++) {
      onPhase('connection');
      const opened = await way.open(onPhase);
      if ('status' in opened) return asking[opened.status](opened.got, opened.because);
      onPhase('response');
      const reply = await exchange(opened.socket, question(ctx, { ...args, path }, way, secret, onPhase));
      const next = nextHop(reply, args, urlOf(way, ctx.target.address, { ...args, path }), followed);
      if (next === undefined) return verdict(ctx, asking, args, way, reply, opened.warnings);
      if (typeof next !== 'string') return asking.down(describeReply(reply), next);
      path = next;
    }
  } catch (error) {
    return judgeHttpFailure(ctx, asking, args.port, phase, error);
  }
}

function verdict(
  ctx: ProbeContext,
  asking: Asking,
  args: HttpArgs,
  way: HttpWay,
  reply: HttpReply,
  warnings: readonly Reason[],
): ProbeResult {
  const url = urlOf(way, ctx.target.address, args);
  const wrong = judgeReply(reply, args, url);
  if (wrong !== undefined) return asking.down(describeReply(reply), wrong);
  const status = describeStatus(reply);
  return asking.up(describeReply(reply), httpReasons.of('http/answered', { url, status }), warnings);
}

function question(
  ctx: ProbeContext,
  args: HttpArgs,
  way: HttpWay,
  secret: string | undefined,
  onPhase: (phase: Phase) => void,
) {
  const host =
    args.port === way.defaultPort
      ? inBrackets(ctx.target.address)
      : hostAndPort(ctx.target.address, args.port);
  return {
    method: args.method,
    path: args.path,
    headers: {
      host: args.host ?? host,
      'user-agent': 'holdfast-probe',
      accept: '*/*',
      ...args.headers,
      ...(secret === undefined ? {} : { authorization: secret }),
    },
    maxBodyBytes:
      args.body === undefined ? Math.min(UNJUDGED_BODY_BYTES, args.maxBodyBytes) : args.maxBodyBytes,
    hash: args.body?.sha256 !== undefined,
    signal: ctx.signal,
    onPhase,
  };
}

/**
 * Where to ask next: a path on the same member, a reason why not, or undefined where the reply is the last one.
 * A redirect elsewhere is never followed: it would judge another server in this one's name.
 */
function nextHop(
  reply: HttpReply,
  args: HttpArgs,
  url: string,
  followed: number,
): string | Reason | undefined {
  const location = reply.headers.location;
  const isRedirect = [301, 302, 303, 307, 308].includes(reply.status) && location !== undefined;
  if (args.redirects === 0 || !isRedirect) return undefined;
  const base = URL.parse(url);
  const to = URL.parse(location, url);
  if (base === null || to === null) return undefined;
  const own = URL.parse(`${base.protocol}//${args.host ?? base.host}`);
  if (to.origin !== base.origin && to.origin !== own?.origin) {
    return httpReasons.of('http/redirected-away', { url, to: to.href });
  }
  if (followed >= args.redirects) {
    return httpReasons.of('http/too-many-redirects', { url, to: to.href, limit: args.redirects });
  }
  return to.pathname + to.search;
}

function judgeHttpFailure(
  ctx: ProbeContext,
  asking: Asking,
  port: number,
  phase: Phase,
  error: unknown,
): ProbeResult {
  const address = ctx.target.address;
  const code = systemCode(error) ?? '';
  const detail = (error as Error).message;
  if (!ctx.signal.aborted && code.startsWith('HPE_')) {
    return asking.down(`${code}: ${detail}`, httpReasons.of('http/not-http', { address, port, detail }));
  }
  if (!ctx.signal.aborted && code === 'ECONNRESET' && detail === 'socket hang up') {
    return asking.down('the connection was closed', httpReasons.of('http/closed', { address, port }));
  }
  return judgeFailure(ctx, asking, port, phase, error);
}
