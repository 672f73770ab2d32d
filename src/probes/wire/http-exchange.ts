import { createHash } from 'node:crypto';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { abortReason } from '../../base/interrupt.ts';
import type { Phase } from '../verdict/network.ts';

export interface HttpQuestion {
  readonly method: string;
  readonly path: string;
  /** `host` must be among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Reading stops after this much. */
  readonly maxBodyBytes: number;
  /** Whether to hash what is read; only sensible where the whole body is. */
  readonly hash: boolean;
  readonly signal: AbortSignal;
  /** Told when the response begins, so that a late one can be told from a missing one. */
  onPhase(phase: Phase): void;
}

export interface HttpReply {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** False where the body was longer than `maxBodyBytes`. */
  readonly whole: boolean;
  readonly sha256?: string;
}

/**
 * One HTTP/1.1 exchange on a connection of its own, which is closed afterwards (`Connection: close`).
 * @throws the system's or the parser's error as it is (`ECONNRESET`, `HPE_…`), or the signal's reason
 */
export function exchange(socket: Socket, question: HttpQuestion): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const { method, path, headers, signal } = question;
    const done = (): void => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
    };
    const fail = (error: Error): void => {
      done();
      reject(error);
    };
    const onAbort = (): void => fail(abortReason(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    const asking = request({
      method,
      path,
      headers: { ...headers, connection: 'close' },
      createConnection: () => socket,
      setHost: false,
    });
    asking.on('error', fail);
    asking.on('response', (response) => {
      question.onPhase('body');
      readReply(response, question, (reply) => {
        done();
        resolve(reply);
      });
      response.on('error', fail);
    });
    asking.end();
  });
}

function readReply(
  response: IncomingMessage,
  { maxBodyBytes, hash }: HttpQuestion,
  finish: (reply: HttpReply) => void,
): void {
  const chunks: Buffer[] = [];
  const hasher = hash ? createHash('sha256') : undefined;
  let length = 0;
  const reply = (whole: boolean): void =>
    finish({
      status: response.statusCode as number,
      statusText: response.statusMessage ?? '',
      headers: response.headers,
      body: Buffer.concat(chunks, Math.min(length, maxBodyBytes)),
      whole,
      ...(hasher === undefined ? {} : { sha256: hasher.digest('hex') }),
    });
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    hasher?.update(chunk);
    length += chunk.length;
    if (length <= maxBodyBytes) return;
    response.removeAllListeners('data').removeAllListeners('end');
    reply(false);
  });
  response.on('end', () => reply(true));
}
