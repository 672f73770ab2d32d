import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freeDnsPort } from '../../test/loopback.ts';
import { namedMissing, startNamed, type TestNamed } from '../../test/named.ts';
import { SimClock } from '../../test/sim-clock.ts';
import { titleOf } from '../../test/title-of.ts';
import { until } from '../../test/until.ts';
import { SystemClock } from '../base/clock.ts';
import { FrameReader, frame } from './exchange.ts';
import { type ResolveOptions, resolve, reverseName } from './resolve.ts';

const about = { clock: new SystemClock(), signal: new AbortController().signal, random: Math.random };
const ask = (port: number, o: Partial<ResolveOptions> = {}) =>
  resolve({
    ...{ ...about, servers: [{ address: '127.0.0.1', port }], name: 'www.site.example', timeoutMs: 1_000 },
    ...o,
  });

const FILE = `$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
www 30 A 192.0.2.1
www 30 A 192.0.2.2
www AAAA 2001:db8::1
alias 5 CNAME www
_sip._tcp SRV 1 2 5060 www
@ CAA 0 issue "ca.example"
strange TYPE65280 \\# 3 01ABFF
big TXT ${Array.from({ length: 12 }, () => `"${'x'.repeat(200)}"`).join(' ')}
`;

describe.skipIf(namedMissing !== undefined)(titleOf('resolving at BIND', namedMissing), () => {
  let daemon: TestNamed;
  beforeAll(async () => {
    daemon = await startNamed({
      zones: [{ zone: 'site.example', text: FILE }],
      options: 'minimal-responses yes;',
    });
  });
  afterAll(() => daemon?.[Symbol.asyncDispose]());

  it('gives data, smallest TTL, flags, server and protocol', async () => {
    const resolved = await ask(daemon.port);
    expect(resolved).toMatchObject({
      rcode: 'NOERROR',
      authoritative: true,
      recursionAvailable: false,
      ttl: 30,
      protocol: 'udp',
      server: { address: '127.0.0.1', port: daemon.port },
    });
    expect(resolved.data.toSorted()).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('follows what the server followed: data holds the asked type only, the TTL is the smallest of the chain', async () => {
    const resolved = await ask(daemon.port, { name: 'alias.site.example' });
    expect(resolved.answers[0]).toEqual({
      name: 'alias.site.example.',
      type: 'CNAME',
      ttl: 5,
      data: 'www.site.example.',
    });
    expect(resolved.data.toSorted()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(resolved.ttl).toBe(5);
  });

  it.each([
    ['www', 'AAAA', ['2001:db8::1']],
    ['_sip._tcp', 'SRV', ['1 2 5060 www.site.example.']],
    ['strange', 'TYPE65280', ['\\# 3 01ABFF']],
    ['www', 'MX', []],
  ])('writes the data of %s %s as zone files do', async (name, type, data) => {
    expect(await ask(daemon.port, { name: `${name}.site.example`, type })).toMatchObject({
      rcode: 'NOERROR',
      data,
    });
  });

  it('reads CAA and SOA', async () => {
    expect((await ask(daemon.port, { name: 'site.example', type: 'CAA' })).data).toEqual([
      '0 issue "ca.example"',
    ]);
    const soa = 'ns.site.example. hostmaster.site.example. 1 3600 600 86400 60';
    expect((await ask(daemon.port, { name: 'site.example', type: 'SOA' })).data).toEqual([soa]);
  });

  it('gives NXDOMAIN and REFUSED as values, with the SOA in the authorities', async () => {
    const missing = await ask(daemon.port, { name: 'nobody.site.example' });
    expect(missing).toMatchObject({ rcode: 'NXDOMAIN', data: [], ttl: undefined });
    expect(missing.authorities[0]).toMatchObject({ type: 'SOA', name: 'site.example.' });
    expect(await ask(daemon.port, { name: 'elsewhere.example' })).toMatchObject({ rcode: 'REFUSED' });
  });

  it('asks again over TCP when the answer over UDP is truncated', async () => {
    const resolved = await ask(daemon.port, { name: 'big.site.example', type: 'TXT' });
    expect(resolved.protocol).toBe('tcp');
    expect(resolved.data[0]).toHaveLength(12 * 203 - 1);
  });

  it('takes the next server when the first is silent or closed', async () => {
    const servers = [
      { address: '127.0.0.1', port: await freeDnsPort() },
      { address: '127.0.0.1', port: daemon.port },
    ];
    expect(await ask(0, { servers })).toMatchObject({ rcode: 'NOERROR', server: servers[1] });
  });
});

describe('resolving at a server that misbehaves', () => {
  it('times out with the server, the time and a hint', async () => {
    await using silent = await udp(() => []);
    const sim = new SimClock();
    const asked = ask(silent.port, { timeoutMs: 1_000, clock: sim });
    const failed = expect(asked).rejects.toMatchObject({
      code: 'dns/timeout',
      retryable: true,
      message: `the DNS server 127.0.0.1#${silent.port} did not answer`,
    });
    for (const tries of [1, 2]) {
      await until(() => silent.asked() === tries, `it was asked ${tries} times`);
      await sim.advance(500);
    }
    await failed;
    expect(silent.asked()).toBe(2);
  });

  it('is unreachable where nobody listens', async () => {
    await expect(ask(await freeDnsPort())).rejects.toMatchObject({
      code: 'dns/unreachable',
      got: 'ECONNREFUSED',
    });
  });

  it('ignores answers with another ID, another question, or QR unset, and takes the right one after them', async () => {
    await using server = await udp((query) => {
      const right = answered(query, 3);
      const otherId = Buffer.from(right);
      otherId.writeUInt16BE(right.readUInt16BE(0) ^ 1, 0);
      const otherName = Buffer.from(right);
      otherName[13] = 0x78;
      return [otherId, otherName, Buffer.from(query), Buffer.from('x'), right];
    });
    expect(await ask(server.port)).toMatchObject({ rcode: 'NXDOMAIN' });
  });

  it('says that an answer is malformed', async () => {
    await using server = await udp((query) => {
      const answer = answered(query, 0);
      answer.writeUInt16BE(1, 6);
      return [answer];
    });
    await expect(ask(server.port)).rejects.toMatchObject({ code: 'dns/malformed' });
  });

  it('asks without EDNS where the server does not understand it', async () => {
    await using server = await udp((query) =>
      query.readUInt16BE(10) === 1 ? [answered(query.subarray(0, 12), 1, 0)] : [answered(query, 0)],
    );
    expect(await ask(server.port)).toMatchObject({ rcode: 'NOERROR', data: [] });
    expect(server.asked()).toBe(2);
  });

  it('does not take an answer to another question over TCP', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => {
        const answer = answered(Buffer.from(data.subarray(2)), 0);
        answer[13] = 0x78;
        socket.write(frame(answer));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await expect(ask(port, { tcp: true })).rejects.toMatchObject({ code: 'dns/untrusted-answer' });
    server.close();
  });

  it('refuses a server that is a name, an unknown type and no server at all', async () => {
    await expect(ask(1, { servers: ['ns.example'] })).rejects.toMatchObject({
      expected: "a server's IP address",
    });
    await expect(ask(1, { type: 'NOPE' })).rejects.toMatchObject({ got: 'NOPE' });
    await expect(ask(1, { servers: [] })).rejects.toMatchObject({ message: 'there is no DNS server to ask' });
  });
});

describe('the name of an address', () => {
  it('lies under in-addr.arpa or ip6.arpa', () => {
    expect(reverseName('192.0.2.1')).toBe('1.2.0.192.in-addr.arpa.');
    expect(reverseName('2001:db8::1')).toBe(`1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa.`);
    expect(reverseName('::ffff:192.0.2.1')).toMatch(
      /^1\.0\.2\.0\.0\.0\.0\.c\.f\.f\.f\.f\.(0\.){20}ip6\.arpa\.$/,
    );
    expect(() => reverseName('www')).toThrow('cannot be read');
  });
});

describe('messages in a TCP stream', () => {
  it('are found however the stream is cut', () => {
    const messages = [Buffer.from('one'), Buffer.alloc(300, 7), Buffer.alloc(0), Buffer.from('x')];
    const stream = Buffer.concat(messages.map(frame));
    for (const size of [1, 2, 3, 5, 301, 1000]) {
      const reader = new FrameReader();
      const found: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size)
        found.push(...reader.push(stream.subarray(at, at + size)));
      expect(found).toEqual(messages);
      expect(reader.pendingBytes).toBe(0);
    }
  });
});

/** The query as an answer without records. */
function answered(query: Buffer, rcode: number, questions = 1): Buffer {
  const answer = Buffer.from(
    questions === 0 ? query.subarray(0, 12) : query.subarray(0, query.indexOf(0, 12) + 5),
  );
  answer[2] = 0x84;
  answer[3] = rcode;
  answer.writeUInt16BE(questions, 4);
  answer.writeUInt16BE(0, 10);
  return answer;
}

async function udp(
  answer: (query: Buffer, from: RemoteInfo) => Buffer[],
): Promise<{ port: number; asked(): number } & AsyncDisposable> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  let asked = 0;
  socket.on('message', (query, from) => {
    asked++;
    for (const packet of answer(query, from)) socket.send(packet, from.port, from.address);
  });
  return {
    port: socket.address().port,
    asked: () => asked,
    [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose](),
  };
}
