/** Stands before a registry: counts what blobs are uploaded, slows them down, and refuses what a test says. */
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { SystemClock } from '../src/base/clock.ts';

export interface RegistryGate extends AsyncDisposable {
  /** How often each blob was uploaded, begun or ended, by digest. */
  readonly sent: Map<string, number>;
  /** Blobs that the registry has taken. */
  readonly arrived: Set<string>;
  /** Statuses for the next requests that write. */
  readonly failures: number[];
  /** From now on the uploads come in one by one, with a pause before each. */
  slow(): void;
  hasten(): void;
  /** Whether nothing is on its way to the registry. */
  isIdle(): boolean;
}

/** Starts one. @param o.behind address of the registry; the port is the same */
export async function startGate(o: {
  readonly address: string;
  readonly port: number;
  readonly behind: string;
}): Promise<RegistryGate> {
  const clock = new SystemClock();
  const agent = new Agent({ keepAlive: true });
  const sent = new Map<string, number>();
  const arrived = new Set<string>();
  const failures: number[] = [];
  const underWay = new Set<unknown>();
  let isSlow = false;
  let turn: Promise<void> = Promise.resolve();
  const forward = (request: IncomingMessage, response: ServerResponse, digest: string | null): void => {
    const { method, headers, url: path } = request;
    const onward = httpRequest({ agent, host: o.behind, port: o.port, method, path, headers }, (answer) => {
      if (digest !== null && answer.statusCode === 201) arrived.add(digest);
      response.writeHead(answer.statusCode as number, answer.headers);
      answer.pipe(response);
    });
    underWay.add(onward);
    onward.on('close', () => underWay.delete(onward));
    onward.on('error', () => response.destroy());
    request.on('error', () => onward.destroy());
    request.on('aborted', () => onward.destroy());
    request.pipe(onward);
  };
  const server = createServer((request, response) => {
    const writes = request.method !== 'GET' && request.method !== 'HEAD';
    const failure = writes ? failures.shift() : undefined;
    if (failure !== undefined) {
      response.writeHead(failure, { connection: 'close' }).end('{"errors":[]}');
      request.resume();
      return;
    }
    const digest =
      request.method === 'PUT'
        ? new URL(request.url as string, 'http://gate').searchParams.get('digest')
        : null;
    if (digest !== null) sent.set(digest, (sent.get(digest) ?? 0) + 1);
    if (digest === null || !isSlow) {
      forward(request, response, digest);
      return;
    }
    turn = turn.then(async () => {
      await clock.sleep(100, new AbortController().signal);
      if (!request.destroyed) forward(request, response, digest);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(o.port, o.address, resolve);
  });
  return {
    sent,
    arrived,
    failures,
    isIdle: () => underWay.size === 0,
    slow: () => {
      isSlow = true;
    },
    hasten: () => {
      isSlow = false;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
