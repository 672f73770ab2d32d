/**
 * The certificate that a node serves covers the name that clients use and the node's own address, and lasts. Whether
 * its chain is trusted is the registry probe's to say. Not strict, what is wrong is a warning: the watcher must not
 * leave a node that serves over a name that nobody lacks today.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { formatDuration } from '../../../base/duration.ts';
import { messageOf } from '../../../base/errors.ts';
import { throwIfAborted } from '../../../base/interrupt.ts';
import { defineReasons, joinReasons, type Reason } from '../../../base/reason.ts';
import type { ProbeKind } from '../../../probes/probe.ts';
import { beginAsking } from '../../../probes/verdict/evidence.ts';
import { runReasons } from '../../../probes/verdict/run-reasons.ts';
import { connectTcp } from '../../../probes/wire/connect-tcp.ts';
import { type Handshake, shakeHands } from '../../../probes/wire/connect-tls.ts';
import { trust } from '../../../probes/wire/trust.ts';
import { canonicalAddress } from '../../../site/address.ts';
import { say } from '../../../site/described.ts';
import { dnsName, port } from '../../../site/values.ts';

const args = z.strictObject({
  name: say(dnsName(), 'The name that clients use.', '客户端使用的域名。'),
  port: say(port().default(443), 'Port of the registry.', '镜像仓库端口。'),
  minValidForMs: say(
    z
      .int()
      .min(0)
      .default(30 * 86_400_000),
    'Warn where the certificate ends sooner than this, in milliseconds.',
    '证书剩余有效期少于该值（毫秒）时发出警告。',
  ),
  strict: say(
    z.boolean().default(false),
    'Down, instead of a warning, where a name is missing.',
    '缺少名称时视为故障，而不仅是警告。',
  ),
});
export type Dce5CertificateArgs = z.infer<typeof args>;

const own = defineReasons({
  'dce5-certificate/covers': {
    en: 'the certificate of {member} covers {names} and lasts {left}',
    zh: '{member} 的证书包含 {names}，剩余有效期 {left}',
  },
  'dce5-certificate/lacks': {
    en: 'the certificate of {member} does not cover {missing}, only {names}: check bootstrapNode and additionalSSLSubjectAltName of its clusterConfig.yaml, and install again',
    zh: '{member} 的证书不包含 {missing}，只包含 {names}：请检查其 clusterConfig.yaml 的 bootstrapNode 和 additionalSSLSubjectAltName，并重新安装',
  },
  'dce5-certificate/expired': {
    en: 'the certificate of {member} expired {ago} ago',
    zh: '{member} 的证书已于 {ago} 前过期',
  },
  'dce5-certificate/expires-soon': {
    en: 'the certificate of {member} expires in {left}',
    zh: '{member} 的证书将在 {left} 后过期',
  },
  'dce5-certificate/silent': {
    en: '{member} shows no certificate on port {port}: {detail}',
    zh: '{member} 的 {port} 端口没有给出证书：{detail}',
  },
});

/** See the top of this file. */
export const dce5Certificate: ProbeKind<Dce5CertificateArgs> = {
  kind: 'dce5-certificate',
  summary: {
    en: "a node's certificate covers the name and its own address, and lasts",
    zh: '节点证书包含域名和自身地址，且在有效期内',
  },
  args,
  reasons: joinReasons(runReasons, own),
  title: ({ name, port: at }, { address }) => `certificate of ${address}:${at} for ${name}`,
  async run(ctx, given) {
    const { member, address } = ctx.target;
    const wanted = [given.name, ...(isIP(address) === 0 ? [] : [address])];
    const asking = beginAsking(ctx.clock, dce5Certificate.title(given, ctx.target), wanted.join(' and '));
    let shaken: Handshake;
    try {
      const socket = await connectTcp(address, given.port, ctx.signal);
      shaken = await shakeHands(socket, {
        name: given.name,
        trust: await trust(undefined),
        signal: ctx.signal,
      });
    } catch (error) {
      throwIfAborted(ctx.signal);
      const detail = messageOf(error);
      return asking.down(detail, own.of('dce5-certificate/silent', { member, port: given.port, detail }));
    }
    shaken.socket.destroy();
    const { names, coversName, validToMs, fingerprint } = shaken.certificate;
    const got = `${names}; SHA-256 ${fingerprint}`;
    const missing = wanted.filter((each) =>
      each === given.name ? !coversName : !coversAddress(names, each),
    );
    const leftMs = validToMs - ctx.clock.now();
    const faults: Reason[] = [];
    if (missing.length > 0) faults.push(own.of('dce5-certificate/lacks', { member, missing, names }));
    if (leftMs <= 0)
      faults.push(own.of('dce5-certificate/expired', { member, ago: formatDuration(-leftMs) }));
    const [fault] = faults;
    if (given.strict && fault !== undefined) return asking.down(got, fault);
    const left = formatDuration(Math.max(0, leftMs));
    if (leftMs > 0 && leftMs < given.minValidForMs)
      faults.push(own.of('dce5-certificate/expires-soon', { member, left }));
    return asking.up(got, own.of('dce5-certificate/covers', { member, names: wanted, left }), faults);
  },
};

/** @param names as node prints a subjectAltName: `DNS:a.example, IP Address:10.0.0.1` */
function coversAddress(names: string, address: string): boolean {
  return names
    .split(', ')
    .some(
      (each) =>
        each.startsWith('IP Address:') &&
        canonicalAddress(each.slice('IP Address:'.length)) === canonicalAddress(address),
    );
}
