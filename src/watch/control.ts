/** The watcher's end of the control socket. */
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { type HoldfastError, messageOf, toErrorRecord } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { makeFolder } from '../store/durable.ts';
import { controlSocket, socketPath } from './control-path.ts';
import {
  type ControlAnswer,
  type ControlRequest,
  LONGEST_REQUEST_BYTES,
  requestSchema,
} from './control-protocol.ts';
import { createLineCutter } from './lines.ts';
import { WatchError } from './watch-error.ts';
import type { Watcher } from './watcher.ts';

const MOST_CONNECTIONS = 64;
/** A listener that lets this much pile up is cut off: it must not fill our memory. */
const MOST_UNREAD_BYTES = 8 * 1024 * 1024;

/**
 * Listens on the control socket of a state folder (0600). The caller holds the lease of the folder, so a socket that
 * lies there is left over from one that was killed, and is replaced.
 * @throws WatchError `watch/control-listen`, `watch/control-path`
 */
export async function serveControl(o: {
  watcher: Watcher;
  stateDir: string;
  log: Logger;
}): Promise<AsyncDisposable> {
  const file = controlSocket(o.stateDir);
  await using cleanup = new AsyncDisposableStack();
  await makeFolder(dirname(file));
  const { path } = cleanup.use(await socketPath(file));
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    attend(socket, o.watcher, o.log);
  });
  server.maxConnections = MOST_CONNECTIONS;
  await rm(file, { force: true });
  await listen(server, path, file);
  cleanup.defer(() => close(server, sockets));
  await chmod(path, 0o600);
  const running = cleanup.move();
  return { [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function listen(server: Server, path: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(listenError(file, cause)));
    server.listen({ path }, () => {
      server.removeAllListeners('error');
      server.on('error', () => {});
      resolve();
    });
  });
}

function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // What was answered last still goes out; whoever does not read it is cut off.
    for (const socket of sockets) socket.destroySoon();
  });
}

/** Reads requests and answers each; a broken one ends the connection with the reason. */
function attend(socket: Socket, watcher: Watcher, log: Logger): void {
  const cutter = createLineCutter(LONGEST_REQUEST_BYTES);
  const say = (answer: ControlAnswer): void => {
    if (socket.destroyed) return;
    socket.write(`${JSON.stringify(answer)}\n`);
    if (socket.writableLength > MOST_UNREAD_BYTES) socket.destroy();
  };
  const refuse = (got: string): void => {
    say({ id: 0, error: toErrorRecord(requestError(got)) });
    socket.destroySoon();
  };
  socket.on('error', (error) => log.debug('a control connection broke', { error: messageOf(error) }));
  socket.on('data', (chunk) => {
    const lines = cutter.add(chunk as Buffer);
    if (lines === undefined) return refuse(`more than ${LONGEST_REQUEST_BYTES} bytes in a line`);
    for (const line of lines) {
      const request = parse(line);
      if (request === undefined) return refuse(line.slice(0, 60));
      void answer(request, watcher, socket, say);
    }
  });
}

async function answer(
  request: ControlRequest,
  watcher: Watcher,
  socket: Socket,
  say: (answer: ControlAnswer) => void,
): Promise<void> {
  const { id } = request;
  try {
    switch (request.do) {
      case 'status':
        return say({ id, status: watcher.status() });
      case 'events': {
        const end = watcher.subscribe((event) => say({ id, event }));
        socket.on('close', end);
        return;
      }
      case 'command':
        return say({ id, outcome: await watcher.command(request.endpoint, request.command, request.by) });
    }
  } catch (error) {
    say({ id, error: toErrorRecord(error) });
  }
}

function parse(line: string): ControlRequest | undefined {
  try {
    return requestSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function requestError(got: string): HoldfastError {
  return new WatchError({
    code: 'watch/control-refused',
    message: 'the watcher does not understand this request',
    expected: 'a request of the same version of Holdfast',
    got,
    hint: 'Use the same version of Holdfast for the command and for the watcher; restart the watcher after an upgrade.',
  });
}

function listenError(file: string, cause: unknown): WatchError {
  return new WatchError({
    code: 'watch/control-listen',
    message: `cannot listen on the control socket ${file}`,
    expected: 'a folder on a local file system that this user may write to',
    got: messageOf(cause),
    hint: 'Put the state folder on a local disk (not NFS): $HOLDFAST_STATE_DIR.',
    cause,
  });
}
