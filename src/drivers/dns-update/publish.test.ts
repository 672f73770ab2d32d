import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeAnswer, makeContext, makeEndpoint, makeSite, ZONE } from '../../../test/driver-world.ts';
import { freeDnsPort } from '../../../test/loopback.ts';
import { dnsUpdate } from './index.ts';
import { dnsUpdateConfig } from './schema.ts';

function publishTo(port: number, server = '127.0.0.1') {
  const config = dnsUpdateConfig.parse({ server, port, zone: ZONE, key: { name: 'k', secret: 'env:KEY' } });
  const endpoint = makeEndpoint('dns-update', config);
  const secrets = { 'env:KEY': Buffer.alloc(32).toString('base64') };
  const context = makeContext({ site: makeSite([endpoint]), stateDir: tmpdir(), secrets });
  return dnsUpdate.publish(context, endpoint, makeAnswer(['active'], 1));
}

async function udpServer(answer: (query: Buffer) => Buffer | undefined): Promise<number> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const reply = answer(query);
    if (reply !== undefined) socket.send(reply, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return socket.address().port;
}

/** The query as a response with a code; authoritative or not. */
function replyWith(rcode: number, flags: number): (query: Buffer) => Buffer {
  return (query) => {
    const reply = Buffer.from(query);
    reply.writeUInt16BE(0x8000 | flags | rcode, 2);
    return reply;
  };
}

describe('a server that does not do its part', () => {
  test('is silent: an error that may be tried again, never a success', async () => {
    const port = await udpServer(() => undefined);

    await expect(publishTo(port)).rejects.toMatchObject({ code: 'dns/timeout', retryable: true });
  });

  test('is not there: the same', async () => {
    await expect(publishTo(await freeDnsPort())).rejects.toMatchObject({
      code: 'dns/unreachable',
      retryable: true,
    });
  });

  test('refuses the zone: an error that says so, for good', async () => {
    const port = await udpServer(replyWith(5, 0));

    await expect(publishTo(port)).rejects.toMatchObject({
      code: 'driver/not-served',
      got: 'REFUSED',
      retryable: false,
    });
  });

  test('has the zone, but cannot serve it now: an error that may be tried again', async () => {
    const port = await udpServer(replyWith(2, 0));

    await expect(publishTo(port)).rejects.toMatchObject({ code: 'driver/not-served', retryable: true });
  });

  test('answers from a cache: it is not the primary', async () => {
    const port = await udpServer(replyWith(0, 0));

    await expect(publishTo(port)).rejects.toMatchObject({
      code: 'driver/not-served',
      got: 'an answer that is not authoritative',
    });
  });

  test('is named by a name, which would have to be resolved first', async () => {
    await expect(publishTo(53, 'ns1.example.com')).rejects.toMatchObject({ code: 'driver/unknown-server' });
  });
});
