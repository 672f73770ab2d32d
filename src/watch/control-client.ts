/** The command's end of the control socket. */
import { connect, type Socket } from 'node:net';
import { openScope, orAborted } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { HoldfastError, messageOf, systemCode } from '../base/errors.ts';
import { controlSocket, socketPath } from './control-path.ts';
import { type ControlAnswer, type ControlRequest, LONGEST_ANSWER_BYTES } from './control-protocol.ts';
import type { CommandOutcome } from './endpoint-watch.ts';
import { errorFromRecord } from './error-from-record.ts';
import type { Command } from './event.ts';
import { createLineCutter } from './lines.ts';
import type { WatchStatus } from './status.ts';
import { WatchError } from './watch-error.ts';
import type { WatchEvent } from './watch-event.ts';

/** Answers of the watcher itself. */
const TIMEOUT_MS = 5_000;
/** A command may wait for its parity check and for publishing. */
const COMMAND_TIMEOUT_MS = 20 * 60_000;

/** A way to the running watcher of a state folder. Dispose it to hang up. */
export interface WatcherLink extends AsyncDisposable {
  status(): Promise<WatchStatus>;
  command(endpoint: string | undefined, command: Command, by: string): Promise<CommandOutcome>;
  /** Calls back for each event until the link ends; resolves when it does. */
  events(listener: (event: WatchEvent) => void): Promise<void>;
}

/**
 * @returns undefined where nobody listens
 * @throws WatchError `watch/control-refused` where the socket is another user's
 */
export async function linkToWatcher(
  stateDir: string,
  o: { clock: Clock; signal: AbortSignal },
): Promise<WatcherLink | undefined> {
  const file = controlSocket(stateDir);
  const socket = await dial(file);
  return socket === undefined ? undefined : makeLink(socket, o);
}

async function dial(file: string): Promise<Socket | undefined> {
  try {
    await using place = await socketPath(file);
    return await new Promise<Socket>((resolve, reject) => {
      const socket = connect({ path: place.path });
      socket.once('connect', () => resolve(socket));
      socket.once('error', reject);
    });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    if (error instanceof HoldfastError) throw error;
    throw new WatchError({
      code: 'watch/control-refused',
      message: `cannot speak to the watcher over ${file}`,
      expected: 'the same user as the one who runs `holdfast watch`',
      got: messageOf(error),
      hint: 'Run the command as the user who runs `holdfast watch` (or as root).',
      cause: error,
    });
  }
}

function makeLink(socket: Socket, o: { clock: Clock; signal: AbortSignal }): WatcherLink {
  const waiting = new Map<number, (answer: ControlAnswer) => void>();
  const cutter = createLineCutter(LONGEST_ANSWER_BYTES);
  let ids = 0;
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    for (const line of cutter.add(chunk as Buffer) ?? []) {
      const answer = JSON.parse(line) as ControlAnswer;
      waiting.get(answer.id)?.(answer);
      if (answer.id === 0) for (const hear of waiting.values()) hear(answer);
    }
  });

  const ask = async (request: Unnumbered, timeoutMs: number): Promise<ControlAnswer> => {
    const id = ++ids;
    using scope = openScope(o.clock, { what: 'the answer of the watcher', timeoutMs, parent: o.signal });
    const answered = new Promise<ControlAnswer>((resolve, reject) => {
      waiting.set(id, resolve);
      void ended.then(() => reject(hungUp()));
    });
    socket.write(`${JSON.stringify({ ...request, id })}\n`);
    try {
      const answer = await orAborted(answered, scope.signal);
      if ('error' in answer) throw errorFromRecord(answer.error);
      return answer;
    } finally {
      waiting.delete(id);
    }
  };

  return {
    async status() {
      const answer = await ask({ do: 'status' }, TIMEOUT_MS);
      return (answer as Extract<ControlAnswer, { status: WatchStatus }>).status;
    },
    async command(endpoint, command, by) {
      const request = {
        do: 'command',
        by,
        command,
        ...(endpoint === undefined ? {} : { endpoint }),
      } as const;
      const answer = await ask(request as Unnumbered, COMMAND_TIMEOUT_MS);
      return (answer as Extract<ControlAnswer, { outcome: CommandOutcome }>).outcome;
    },
    async events(listener) {
      const id = ++ids;
      waiting.set(id, (answer) => {
        if ('event' in answer) listener(answer.event);
      });
      socket.write(`${JSON.stringify({ do: 'events', id })}\n`);
      await orAborted(ended, o.signal);
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await ended;
    },
  };
}

type Unnumbered = ControlRequest extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never;

function hungUp(): WatchError {
  return new WatchError({
    code: 'watch/control-broken',
    message: 'the watcher hung up before it answered',
    expected: 'an answer',
    got: 'the end of the connection',
    hint: 'It may have been stopped just now: look at `holdfast status`, then ask again.',
    retryable: true,
  });
}
