import { createServer, type Server, type Socket } from 'node:net';

/** A TCP server on a free loopback port that ends with the `await using` block, open connections and all. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
}

/** Starts any `net.Server` (so an http or tls one too) on `address`, port 0. */
export async function listen(server: Server, address = '127.0.0.1'): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, () => resolve());
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  return {
    port: bound.port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A TCP server that does what `onConnection` says. */
export function listenTcp(onConnection: (socket: Socket) => void): Promise<Listening> {
  return listen(createServer(onConnection));
}

/** A port on which nothing listens (just freed). */
export async function closedPort(address = '127.0.0.1'): Promise<number> {
  const open = await listen(createServer(), address);
  await open[Symbol.asyncDispose]();
  return open.port;
}
