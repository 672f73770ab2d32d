import { isIP, type Socket } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { abortReason } from '../../base/interrupt.ts';
import type { SeenCertificate } from '../verdict/certificate.ts';

export interface Handshake {
  readonly socket: TLSSocket;
  readonly certificate: SeenCertificate;
}

/**
 * Shakes hands without judging: nothing is sent on the connection until the caller has looked at the certificate, so
 * that no credentials reach a server that is not trusted.
 *
 * @param name what the certificate is held against; sent as SNI where it is no address (RFC 6066 section 3)
 * @throws the system's or OpenSSL's error as it is, or the signal's reason
 */
export function shakeHands(
  socket: Socket,
  o: { name: string; trust: SecureContext; signal: AbortSignal },
): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const secure = connect({
      socket,
      secureContext: o.trust,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ALPNProtocols: ['http/1.1'],
      ...(isIP(o.name) === 0 ? { servername: o.name } : {}),
    });
    const settle = (): void => {
      o.signal.removeEventListener('abort', onAbort);
      secure.off('error', fail);
      secure.off('close', onClose);
    };
    const fail = (error: Error): void => {
      settle();
      secure.on('error', () => {});
      secure.destroy();
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => fail(abortReason(o.signal));
    const onClose = (): void =>
      fail(Object.assign(new Error('closed in the handshake'), { code: 'ECONNRESET' }));
    o.signal.addEventListener('abort', onAbort, { once: true });
    secure.once('error', fail);
    secure.once('close', onClose);
    secure.once('secureConnect', () => {
      settle();
      const certificate = look(secure, o.name);
      if (certificate === undefined) fail(new Error('the server showed no certificate'));
      else resolve({ socket: secure, certificate });
    });
  });
}

function look(secure: TLSSocket, name: string): SeenCertificate | undefined {
  const certificate = secure.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  // Names in the subject do not count: RFC 9525 section 2, and no Go client (containerd, Helm) looks at them.
  const covers =
    isIP(name) === 0 ? certificate.checkHost(name, { subject: 'never' }) : certificate.checkIP(name);
  return {
    fingerprint: certificate.fingerprint256,
    names: certificate.subjectAltName ?? 'no name at all',
    coversName: covers !== undefined,
    validToMs: certificate.validToDate.getTime(),
    chainError: secure.authorized ? undefined : String(secure.authorizationError),
  };
}
