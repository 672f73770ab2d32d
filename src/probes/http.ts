/** An HTTP server answers as it should. Each probe is a connection of its own. */
import { joinReasons } from '../base/reason.ts';
import { type HttpArgs, httpArgs } from './args/http-args.ts';
import type { ProbeContext, ProbeKind } from './probe.ts';
import { beginAsking } from './verdict/evidence.ts';
import { describeExpected, httpReasons } from './verdict/http-judge.ts';
import { networkReasons } from './verdict/network.ts';
import { runReasons } from './verdict/run-reasons.ts';
import { askHttp, type HttpWay, urlOf } from './wire/ask-http.ts';
import { connectTcp } from './wire/connect-tcp.ts';

const plain = { scheme: 'http', defaultPort: 80 } as const;

export const http: ProbeKind<HttpArgs> = {
  kind: 'http',
  summary: {
    en: 'an HTTP server answers with the wanted status, headers and body',
    zh: 'HTTP 服务返回符合预期的状态码、响应头和响应体',
  },
  args: httpArgs(80),
  reasons: joinReasons(runReasons, networkReasons, httpReasons),
  title: (args, { address }) => `${args.method} ${urlOf(plain, address, args)}`,
  run(ctx, args) {
    const asking = beginAsking(ctx.clock, http.title(args, ctx.target), describeExpected(args));
    return askHttp(ctx, args, plainWay(ctx, args), asking);
  },
};

function plainWay(ctx: ProbeContext, { port }: HttpArgs): HttpWay {
  return {
    ...plain,
    open: async () => ({ socket: await connectTcp(ctx.target.address, port, ctx.signal), warnings: [] }),
  };
}
