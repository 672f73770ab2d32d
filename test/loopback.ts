import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { closedPort } from './listen.ts';

/**
 * An address of 127.0.0.0/8 that nobody else here is likely to use. BIND cannot listen on one: it takes only
 * addresses that an interface has.
 */
export function loopbackAddress(): string {
  return `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(2, 255)}`;
}

/** A port that was free a moment ago for UDP and TCP alike, for daemons that cannot take port 0. */
export async function freeDnsPort(address = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = await closedPort(address);
    if (await isUdpFree(address, port)) return port;
  }
}

function isUdpFree(address: string, port: number): Promise<boolean> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    socket.once('error', () => resolve(false));
    socket.bind(port, address, () => socket.close(() => resolve(true)));
  });
}
