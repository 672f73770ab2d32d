import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { listen } from '../../../../test/listen.ts';
import { SystemClock } from '../../../base/clock.ts';
import { openClient } from './client.ts';

test('a connection is used again after HEAD, however large the file', async () => {
  let connections = 0;
  const server = createServer((_request, response) =>
    response.writeHead(200, { 'content-length': 1e9 }).end(),
  );
  server.on('connection', () => connections++);
  await using at = await listen(server);
  const origin = {
    scheme: 'http',
    address: '127.0.0.1',
    port: at.port,
    insecure: false,
    minValidFor: 0,
  } as const;
  const secret = () => Promise.reject(new Error('none'));
  const { signal } = new AbortController();
  using client = openClient(origin, { clock: new SystemClock(), signal, concurrency: 1, secret });
  for (let asked = 0; asked < 3; asked++) {
    const head = await client.request({ method: 'HEAD', path: '/a.iso' });
    head.discard();
    expect(head.headers['content-length']).toBe('1000000000');
    // The connection is free again only once the answer has ended.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(connections).toBe(1);
});
