import { createServer } from 'node:net';

/**
 * A port that is free on all the addresses given, found by asking the kernel. Another process could take it before
 * we do; on loopback, for a demo, that is a risk worth a plain error.
 */
export async function freePort(addresses: readonly string[]): Promise<number> {
  for (;;) {
    const [first = '127.0.0.1', ...rest] = addresses;
    const port = await tryPort(first, 0);
    const others = await Promise.all(rest.map((address) => tryPort(address, port).catch(() => undefined)));
    if (others.every((each) => each === port)) return port;
  }
}

function tryPort(address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, address, () => {
      const taken = server.address();
      server.close(() => resolve(typeof taken === 'object' && taken !== null ? taken.port : port));
    });
  });
}
