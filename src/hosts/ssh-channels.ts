/** The sessions of one connection: a few at a time, because sshd allows ten (MaxSessions) and two are for emergencies. */
import type { Client, ClientChannel } from 'ssh2';
import { messageOf } from '../base/errors.ts';
import { abortReason, throwIfAborted } from '../base/interrupt.ts';
import { HostError } from './host-error.ts';

const MOST_AT_ONCE = 8;

export interface Channels {
  readonly running: number;
  /**
   * Starts a command once there is room. An `urgent` one does not wait: it kills another.
   * @param attach listens to the channel; called at once, because a short command's exit comes in the same packet
   * @throws HostError `host/lost`, `host/refused`; NotSentError
   */
  open<T>(
    line: string,
    o: { signal: AbortSignal; urgent: boolean },
    attach: (channel: ClientChannel) => T,
  ): Promise<T>;
}

/** Thrown where the connection was found dead before the command was sent: it can be sent again on a new one. */
export class NotSentError extends Error {}

export function openChannels(host: string, client: Client): Channels {
  let capacity = MOST_AT_ONCE;
  let running = 0;
  const queue: (() => void)[] = [];

  const leave = (): void => {
    running--;
    while (running < capacity && queue.length > 0) {
      running++;
      queue.shift()?.();
    }
  };

  const enter = (signal: AbortSignal): Promise<void> => {
    throwIfAborted(signal);
    if (running < capacity) {
      running++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        queue.splice(queue.indexOf(turn), 1);
        reject(abortReason(signal));
      };
      const turn = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      queue.push(turn);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  };

  return {
    get running() {
      return running;
    },
    async open(line, { signal, urgent }, attach) {
      for (;;) {
        if (urgent) running++;
        else await enter(signal);
        try {
          return await startExec(host, client, line, (channel) => {
            channel.once('close', leave);
            return attach(channel);
          });
        } catch (error) {
          leave();
          // Fewer sessions allowed than we thought, and others are under way: wait for one of those to end.
          const mayWait = error instanceof SessionRefused && running > 0 && !urgent;
          if (!mayWait) throw error instanceof SessionRefused ? noSession(host, error.message) : error;
          capacity = Math.max(1, running);
        }
      }
    },
  };
}

class SessionRefused extends Error {}

function startExec<T>(
  host: string,
  client: Client,
  line: string,
  attach: (channel: ClientChannel) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    try {
      client.exec(line, (error, channel) => {
        if (error === undefined) resolve(attach(channel));
        else reject(execError(host, error as Error & { reason?: unknown }));
      });
    } catch (error) {
      // ssh2 throws at once where it knows that the socket is gone.
      reject(new NotSentError(messageOf(error)));
    }
  });
}

function execError(host: string, error: Error & { reason?: unknown }): Error {
  if (error.reason !== undefined) return new SessionRefused(error.message);
  if (/^No response from server/.test(error.message)) return new NotSentError(error.message);
  // The request was on its way: sshd refused it, or the connection broke before its answer.
  return lostError(host, error);
}

/** The connection broke while a command may have been under way. */
export function lostError(host: string, cause?: unknown): HostError {
  return new HostError({
    code: 'host/lost',
    host,
    message: 'the connection was lost while a command was under way',
    expected: "the command's exit code",
    got: 'no answer: whether the command ended, and how, is not known',
    hint: 'Check the host and the network; what the command was to do is checked again before anything is repeated.',
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

function noSession(host: string, got: string): HostError {
  return new HostError({
    code: 'host/refused',
    host,
    message: 'the server allows no command',
    expected: 'a session',
    got,
    hint: 'Set MaxSessions to 1 or more in sshd_config there (the default is 10), and look for ForceCommand.',
  });
}
