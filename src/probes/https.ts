/** An HTTPS server answers as it should, with a certificate that clients would accept. */
import { z } from 'zod';
import { messageOf, systemCode } from '../base/errors.ts';
import { joinReasons } from '../base/reason.ts';
import { httpArgs } from './args/http-args.ts';
import { tlsFields } from './args/tls-args.ts';
import type { ProbeContext, ProbeKind } from './probe.ts';
import { judgeCertificate, tlsReasons } from './verdict/certificate.ts';
import { beginAsking } from './verdict/evidence.ts';
import { describeExpected, httpReasons } from './verdict/http-judge.ts';
import { networkReasons } from './verdict/network.ts';
import { runReasons } from './verdict/run-reasons.ts';
import { askHttp, type HttpWay, type NoWay, urlOf } from './wire/ask-http.ts';
import { connectTcp } from './wire/connect-tcp.ts';
import { type Handshake, shakeHands } from './wire/connect-tls.ts';
import { hostAndPort, inBrackets } from './wire/host-and-port.ts';
import { trust } from './wire/trust.ts';

const args = z.strictObject({ ...httpArgs(443).shape, ...tlsFields });
export type HttpsArgs = z.infer<typeof args>;

const secure = { scheme: 'https', defaultPort: 443 } as const;

export const https: ProbeKind<HttpsArgs> = {
  kind: 'https',
  summary: {
    en: 'an HTTPS server answers as wanted, with a certificate that clients accept',
    zh: 'HTTPS 服务返回符合预期的响应，且其证书会被客户端接受',
  },
  args,
  reasons: joinReasons(runReasons, networkReasons, httpReasons, tlsReasons),
  title: (given, { address }) => `${given.method} ${urlOf(secure, address, given)}`,
  run(ctx, given) {
    const asking = beginAsking(ctx.clock, https.title(given, ctx.target), describeExpected(given));
    return askHttp(ctx, { ...given, host: hostHeader(given) }, secureWay(ctx, given), asking);
  },
};

/** A server that is asked under a name is asked under it in the Host header too, or it may answer 421 (RFC 9110). */
function hostHeader({ host, serverName, port }: HttpsArgs): string | undefined {
  if (host !== undefined || serverName === undefined) return host;
  return port === secure.defaultPort ? inBrackets(serverName) : hostAndPort(serverName, port);
}

function secureWay(ctx: ProbeContext, given: HttpsArgs): HttpWay {
  const address = ctx.target.address;
  const name = given.serverName ?? given.host?.replace(/:\d+$/, '') ?? address;
  return {
    ...secure,
    async open(onPhase) {
      let context: Awaited<ReturnType<typeof trust>>;
      try {
        context = await trust(given.caFile);
      } catch (error) {
        const detail = messageOf(error);
        return { status: 'unknown', got: detail, because: tlsReasons.of('tls/no-ca-file', { detail }) };
      }
      const socket = await connectTcp(address, given.port, ctx.signal);
      onPhase('handshake');
      let shaken: Handshake;
      try {
        shaken = await shakeHands(socket, { name, trust: context, signal: ctx.signal });
      } catch (error) {
        return handshakeFailure(error, address, given.port);
      }
      const judged = judgeCertificate(shaken.certificate, given, { address, name, nowMs: ctx.clock.now() });
      if (judged.refused === undefined) return { socket: shaken.socket, warnings: judged.warnings };
      shaken.socket.destroy();
      const got = `a certificate for ${shaken.certificate.names}, SHA-256 ${shaken.certificate.fingerprint}`;
      return { status: 'down', got, because: judged.refused };
    },
  };
}

/** OpenSSL's own errors say what is wrong with the handshake; all others are about the connection. */
function handshakeFailure(error: unknown, address: string, port: number): NoWay {
  const code = systemCode(error) ?? '';
  if (!code.startsWith('ERR_SSL') && code !== 'EPROTO') throw error;
  const detail = code === 'EPROTO' ? messageOf(error) : code;
  const isPlain = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(code + messageOf(error));
  const because = tlsReasons.of(isPlain ? 'tls/not-tls' : 'tls/handshake-failed', { address, port, detail });
  return { status: 'down', got: detail, because };
}
