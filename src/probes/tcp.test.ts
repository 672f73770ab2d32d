import { describe, expect, test } from 'vitest';
import { closedPort, listenTcp } from '../../test/listen.ts';
import { probeOnce } from '../../test/probe.ts';
import { tcp } from './tcp.ts';

describe('the tcp probe', () => {
  test('is up where the port accepts a connection, and says what it asked and got', async () => {
    await using server = await listenTcp(() => {});
    const result = await probeOnce(tcp, { port: server.port });
    expect(result).toMatchObject({
      status: 'up',
      asked: `connect to 127.0.0.1:${server.port}/tcp`,
      got: 'connected',
      expected: 'an open port',
      because: { code: 'tcp/open' },
    });
  });

  test('is down where nothing listens, with the reason "refused"', async () => {
    const result = await probeOnce(tcp, { port: await closedPort() });
    expect(result).toMatchObject({
      status: 'down',
      got: 'ECONNREFUSED',
      because: { code: 'probe/refused', params: { address: '127.0.0.1' } },
    });
  });

  test('is up where the banner contains the wanted text, though other lines come before it in pieces', async () => {
    await using server = await listenTcp((socket) => {
      socket.write('welcome\r\nSSH-');
      setTimeout(() => socket.write('2.0-OpenSSH_9.2\r\n'), 20);
    });
    const result = await probeOnce(tcp, { port: server.port, banner: 'SSH-2.0' });
    expect(result).toMatchObject({ status: 'up', because: { code: 'tcp/greeted' } });
    expect(result.got).toContain('SSH-2.0-OpenSSH_9.2');
  });

  test('is down where another service greets, and shows the banner without its control characters', async () => {
    await using server = await listenTcp((socket) => socket.end('\u001b[31m220 mail\r\n'));
    const result = await probeOnce(tcp, { port: server.port, banner: 'SSH-2.0' });
    expect(result).toMatchObject({ status: 'down', because: { code: 'tcp/other-banner' } });
    expect(result.got).toBe("banner '?[31m220 mail'");
  });

  test('is down where another service greets and then keeps the connection open until the deadline', async () => {
    await using server = await listenTcp((socket) => socket.write('220 mail\r\n'));
    const result = await probeOnce(tcp, { port: server.port, banner: 'SSH-2.0' }, { timeoutMs: 100 });
    expect(result).toMatchObject({ status: 'down', because: { code: 'tcp/other-banner' } });
  });

  test('is down where the server is silent, and says what it waited for', async () => {
    await using server = await listenTcp(() => {});
    const result = await probeOnce(tcp, { port: server.port, banner: 'SSH-2.0' }, { timeoutMs: 100 });
    expect(result).toMatchObject({
      status: 'down',
      got: 'no banner within 100ms',
      because: { code: 'probe/no-banner' },
    });
  });

  test('stops reading a banner that never ends', async () => {
    await using server = await listenTcp((socket) => {
      const pour = (): void => {
        while (!socket.destroyed && socket.write('x'.repeat(1_000))) {}
      };
      socket.on('drain', pour);
      pour();
    });
    const result = await probeOnce(tcp, { port: server.port, banner: 'SSH-2.0' });
    expect(result.because.code).toBe('tcp/other-banner');
  });

  test('rejects with the cause, and gives no verdict, where the prober is stopped', async () => {
    await using server = await listenTcp(() => {});
    const stop = new AbortController();
    const probing = probeOnce(tcp, { port: server.port, banner: 'SSH' }, { signal: stop.signal });
    stop.abort(new Error('the watcher stops'));
    await expect(probing).rejects.toThrow('the watcher stops');
  });

  test('probes an IPv6 address, in brackets in what it says', async () => {
    const { createServer } = await import('node:net');
    const { listen } = await import('../../test/listen.ts');
    await using server = await listen(createServer(), '::1');
    const target = { member: 'm6', address: '::1' };
    const result = await probeOnce(tcp, { port: server.port }, { target });
    expect(result).toMatchObject({ status: 'up', asked: `connect to [::1]:${server.port}/tcp` });
  });

  test('refuses a port outside 1 to 65535 and an unknown argument', () => {
    expect(tcp.args.safeParse({ port: 0 }).success).toBe(false);
    expect(tcp.args.safeParse({ port: 70_000 }).success).toBe(false);
    expect(tcp.args.safeParse({ port: 22, baner: 'SSH' }).success).toBe(false);
  });
});
