import { connect, type Socket } from 'node:net';
import { abortReason } from '../../base/interrupt.ts';

/**
 * Opens a TCP connection. Each call is a fresh one: a probe that reused a connection would not notice that the port
 * accepts no new ones.
 *
 * @param address IPv4, IPv6 or a name
 * @throws the system's error as it is (`ECONNREFUSED` …), or the signal's reason
 */
export function connectTcp(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortReason(signal));
      return;
    }
    const socket = connect({ host: address, port, noDelay: true });
    const settle = (): void => {
      socket.off('connect', onConnect);
      socket.off('error', onError);
      signal.removeEventListener('abort', onAbort);
    };
    const onConnect = (): void => {
      settle();
      resolve(socket);
    };
    const onError = (error: Error): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => {
      settle();
      // A connection attempt that fails after we lost interest must not become an unhandled 'error'.
      socket.on('error', () => {});
      socket.destroy();
      reject(abortReason(signal));
    };
    socket.once('connect', onConnect);
    socket.once('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
