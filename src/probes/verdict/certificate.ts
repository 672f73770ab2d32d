/** Whether a server's certificate is the one that clients would accept. Pure. */
import { formatDuration } from '../../base/duration.ts';
import { defineReasons, type Reason } from '../../base/reason.ts';
import type { TlsArgs } from '../args/tls-args.ts';

/** What was seen of the server's certificate. */
export interface SeenCertificate {
  /** SHA-256, upper case, with colons. */
  readonly fingerprint: string;
  /** Names and addresses in its subjectAltName extension, as text. */
  readonly names: string;
  /** Whether those names cover the one that was asked for. */
  readonly coversName: boolean;
  readonly validToMs: number;
  /** What the verification of the chain said (`DEPTH_ZERO_SELF_SIGNED_CERT` …), undefined where it is trusted. */
  readonly chainError?: string | undefined;
}

export const tlsReasons = defineReasons({
  'tls/untrusted': {
    en: 'the certificate of {address} is not trusted: {detail}; name its CA with caFile, or pin it with fingerprint',
    zh: '{address} 的证书不受信任：{detail}；请用 caFile 指定其 CA，或用 fingerprint 固定该证书',
  },
  'tls/name-not-covered': {
    en: 'the certificate of {address} does not cover {name}, only {names}: clients that use {name} will refuse it',
    zh: '{address} 的证书不包含 {name}，只包含 {names}：使用 {name} 的客户端会拒绝它',
  },
  'tls/expired': {
    en: 'the certificate of {address} expired {ago} ago',
    zh: '{address} 的证书已于 {ago} 前过期',
  },
  'tls/expires-soon': {
    en: 'the certificate of {address} expires in {left}',
    zh: '{address} 的证书将在 {left} 后过期',
  },
  'tls/other-fingerprint': {
    en: 'the certificate of {address} is not the pinned one: its SHA-256 is {fingerprint}',
    zh: '{address} 的证书不是所固定的那一张：其 SHA-256 为 {fingerprint}',
  },
  'tls/not-tls': {
    en: '{address} port {port} does not speak TLS: perhaps it is a plain HTTP port',
    zh: '{address} 的 {port} 端口不支持 TLS：可能是明文 HTTP 端口',
  },
  'tls/handshake-failed': {
    en: 'the TLS handshake with {address} port {port} failed: {detail}',
    zh: '与 {address} 的 {port} 端口的 TLS 握手失败：{detail}',
  },
  'tls/no-ca-file': {
    en: 'the CA file could not be used on the machine that probes: {detail}',
    zh: '执行探测的机器无法使用 CA 文件：{detail}',
  },
});

export interface CertificateVerdict {
  readonly refused?: Reason;
  readonly warnings: readonly Reason[];
}

/**
 * Judges as a client would: a pinned certificate by its fingerprint, any other by its chain and its names. With
 * `insecure` whatever is wrong becomes a warning. A name that a pinned certificate does not cover is a warning too,
 * because the pin says which server it is.
 *
 * @param name what clients call the server, a DNS name or an address
 */
export function judgeCertificate(
  seen: SeenCertificate,
  args: TlsArgs,
  o: { address: string; name: string; nowMs: number },
): CertificateVerdict {
  const { address, name } = o;
  const warnings: Reason[] = [];
  if (args.fingerprint !== undefined && !isAmong(seen.fingerprint, args.fingerprint)) {
    return refuse('tls/other-fingerprint', { address, fingerprint: seen.fingerprint });
  }
  const leftMs = seen.validToMs - o.nowMs;
  if (leftMs <= 0) {
    const expired = tlsReasons.of('tls/expired', { address, ago: formatDuration(-leftMs) });
    if (!args.insecure) return { refused: expired, warnings };
    warnings.push(expired);
  } else if (leftMs < args.minValidFor) {
    warnings.push(tlsReasons.of('tls/expires-soon', { address, left: formatDuration(leftMs) }));
  }
  const trustsAny = args.insecure || args.fingerprint !== undefined;
  if (!trustsAny && seen.chainError !== undefined) {
    return refuse('tls/untrusted', { address, detail: seen.chainError });
  }
  if (!seen.coversName) {
    const uncovered = tlsReasons.of('tls/name-not-covered', { address, name, names: seen.names });
    if (!trustsAny) return { refused: uncovered, warnings };
    warnings.push(uncovered);
  }
  return { warnings };
}

function refuse(code: Parameters<typeof tlsReasons.of>[0], params: Reason['params']): CertificateVerdict {
  return { refused: tlsReasons.of(code, params), warnings: [] };
}

function isAmong(seen: string, pinned: string | readonly string[]): boolean {
  const plain = (text: string): string => text.replaceAll(':', '').toLowerCase();
  return [pinned].flat().some((one) => plain(one) === plain(seen));
}
