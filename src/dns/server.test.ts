import { fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { askUdp, dialTcp, query, read } from '../../test/dns/raw.ts';
import { SITE_ZONE, zoneOf } from '../../test/dns/site-zone.ts';
import { freeDnsPort } from '../../test/loopback.ts';
import { SimClock } from '../../test/sim-clock.ts';
import { until } from '../../test/until.ts';
import { SystemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { FLAG } from './message.ts';
import { rcodeName } from './rcode.ts';
import { formatRdata } from './rdata.ts';
import { resolve } from './resolve.ts';
import { Responder } from './responder.ts';
import { RateLimit } from './rrl.ts';
import { type DnsServerOptions, startDnsServer } from './server.ts';
import { answerUdp } from './udp-listener.ts';

const clock = new SystemClock();
const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);

async function start(o: Partial<DnsServerOptions> = {}) {
  const server = await startDnsServer({
    ...{ listen: [{ address: '127.0.0.1', port: 0 }], zones: [zoneOf(SITE_ZONE)] },
    ...{ clock, log: silentLogger, random: Math.random, ...o },
  });
  return Object.assign(server, { peer: server.addresses[0]! });
}
const data = (answer: Buffer | undefined): string[] =>
  read(answer).answers.map(({ type, rdata }) => formatRdata(type, rdata));

describe('the server', () => {
  it('listens on several addresses, UDP and TCP on the same port', async () => {
    const listen = ['127.0.0.1', '127.0.0.2', ...(hasIpv6 ? ['::1'] : [])].map((address) => ({
      address,
      port: 0,
    }));
    await using server = await start({ listen });
    expect(server.addresses.map(({ address }) => address)).toEqual(listen.map(({ address }) => address));
    for (const peer of server.addresses) {
      for (const tcp of [false, true]) {
        const resolved = await resolve({
          ...{ servers: [peer], name: 'www.site.example', type: 'AAAA', tcp, timeoutMs: 5_000 },
          ...{ clock, signal: new AbortController().signal, random: Math.random },
        });
        expect(resolved).toMatchObject({ data: ['2001:db8::193'], protocol: tcp ? 'tcp' : 'udp', ttl: 1 });
      }
    }
  });

  it('stands on every address of the machine for 0.0.0.0, so that it answers from the one that was asked', async () => {
    await using server = await start({ listen: [{ address: '0.0.0.0', port: await freeDnsPort() }] });
    expect(server.addresses.map(({ address }) => address)).toContain('127.0.0.1');
    expect(server.addresses.map(({ address }) => address)).not.toContain('0.0.0.0');
  });

  it('swaps zones at once while queries come in, without a wrong or missing answer', async () => {
    await using server = await start();
    const versions = Array.from({ length: 50 }, (_, index) => `192.0.2.${100 + index}`);
    const seen: string[] = [];
    for (const address of versions) {
      server.publish([zoneOf(SITE_ZONE.replace('192.0.2.193', address))]);
      const answers = await Promise.all(
        [1, 2].map((id) => askUdp(server.peer, query('www.site.example', 'A', { id }))),
      );
      seen.push(...answers.flatMap(data));
    }
    expect(seen).toEqual(versions.flatMap((address) => [address, address]));
  });

  it('says nothing to answers, and goes on', async () => {
    await using server = await start();
    const answer = query('www.site.example', 'A', { flags: FLAG.QR });
    expect(await askUdp(server.peer, answer, 200)).toBeUndefined();
    expect(data(await askUdp(server.peer, query('www.site.example', 'A')))).toEqual(['192.0.2.193']);
    expect(server.stats.answers).toMatchObject({ dropped: 1, queries: 2, byRcode: { 0: 1 } });
  });

  it('says nothing to source port 0', () => {
    const responder = new Responder({ keys: [], clock, log: silentLogger });
    const counts = { queries: 0, limited: 0, slipped: 0, sendErrors: 0 };
    const about = { responder, rateLimit: undefined, counts };
    const packet = query('www.site.example', 'A');
    expect(answerUdp(packet, { address: '127.0.0.1', port: 0 }, about)).toBeUndefined();
    expect(answerUdp(packet, { address: '127.0.0.1', port: 1 }, about)).toBeDefined();
  });

  it('names the address it cannot have, and leaves nothing open', async () => {
    await using taken = await start();
    const port = taken.peer.port;
    await expect(start({ listen: [{ address: '127.0.0.1', port }] })).rejects.toMatchObject({
      code: 'dns/listen',
      message: `the DNS server cannot listen on 127.0.0.1#${port}`,
      got: 'EADDRINUSE',
    });
    await expect(start({ listen: [{ address: '192.0.2.1', port: 0 }] })).rejects.toMatchObject({
      got: 'EADDRNOTAVAIL',
    });
    const udpOnly = createSocket('udp4').bind(0, '127.0.0.1');
    await once(udpOnly, 'listening');
    const half = { address: '127.0.0.1', port: udpOnly.address().port };
    await expect(start({ listen: [half] })).rejects.toMatchObject({ got: 'EADDRINUSE' });
    await expect(dialTcp(half)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    udpOnly.close();
  });

  it('shares its port with another process, each answering, and the one left answers all', async () => {
    const port = await freeDnsPort();
    const child = fork(new URL('../../test/dns/second-process.ts', import.meta.url), [String(port)]);
    await once(child, 'message');
    await using server = await start({ listen: [{ address: '127.0.0.1', port }], reusePort: true });
    const addresses = new Set<string>();
    await until(async () => {
      for (const address of data(await askUdp(server.peer, query('www.site.example', 'A'))))
        addresses.add(address);
      return addresses.size === 2;
    }, 'both processes have answered');
    expect([...addresses].toSorted()).toEqual(['192.0.2.193', '198.51.100.1']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    for (let time = 0; time < 20; time++) {
      expect(data(await askUdp(server.peer, query('www.site.example', 'A')))).toEqual(['192.0.2.193']);
    }
  });
});

describe('over TCP', () => {
  it('queries may be sent without waiting; answers come in their order, however the bytes are cut', async () => {
    await using server = await start();
    const tcp = await dialTcp(server.peer);
    const ids = Array.from({ length: 50 }, (_, id) => id);
    tcp.write(...ids.map((id) => query('www.site.example', 'A', { id })));
    for (const id of ids) expect(read(await tcp.next()).id).toBe(id);
    const packet = query('big.site.example', 'TXT');
    for (const byte of [packet.length >> 8, packet.length & 0xff, ...packet])
      tcp.socket.write(Buffer.of(byte));
    expect(read(await tcp.next()).answers).toHaveLength(1);
    tcp.socket.destroy();
  });

  it('a client that has said all still gets its answers, then the connection ends', async () => {
    await using server = await start();
    const tcp = await dialTcp(server.peer);
    tcp.write(query('www.site.example', 'A'), query('nobody.site.example', 'A'));
    tcp.socket.end();
    expect(rcodeName(read(await tcp.next()).rcode)).toBe('NOERROR');
    expect(rcodeName(read(await tcp.next()).rcode)).toBe('NXDOMAIN');
    await tcp.closed;
  });

  it.each([
    ['a message shorter than a header', Buffer.of(0, 1, 0)],
    ['an empty message', Buffer.of(0, 0)],
    ['an answer', Buffer.concat([Buffer.of(0, 12), Buffer.of(0, 0, 0x80), Buffer.alloc(9)])],
  ])('%s ends the connection', async (_what, bytes) => {
    await using server = await start();
    const tcp = await dialTcp(server.peer);
    tcp.socket.write(bytes);
    await tcp.closed;
    expect(server.stats.tcp.open).toBe(0);
  });

  it('a connection without a whole query is closed in time, also one that trickles bytes', async () => {
    const sim = new SimClock();
    await using server = await start({ clock: sim, tcp: { idleMs: 10_000 } });
    const quiet = await dialTcp(server.peer);
    const trickling = await dialTcp(server.peer);
    const busy = await dialTcp(server.peer);
    await until(() => server.stats.tcp.open === 3, 'all are open');
    for (let second = 0; second < 9; second++) {
      trickling.socket.write(Buffer.of(1));
      busy.write(query('www.site.example', 'A'));
      await busy.next();
      await sim.advance(1_000);
    }
    expect(server.stats.tcp.open).toBe(3);
    await sim.advance(1_500);
    await Promise.all([quiet.closed, trickling.closed]);
    busy.write(query('www.site.example', 'A'));
    expect(data(await busy.next())).toEqual(['192.0.2.193']);
    busy.socket.destroy();
  });

  it('a client that does not read its answers is not read from, and is closed in time', async () => {
    const sim = new SimClock();
    await using server = await start({ clock: sim });
    const tcp = await dialTcp(server.peer);
    tcp.socket.pause();
    const many = Array.from({ length: 20_000 }, () => query('big.site.example', 'TXT'));
    let sent = 0;
    await until(async () => {
      if (tcp.socket.writableLength > 1_000_000) return true;
      tcp.write(...many);
      sent += many.length;
      return false;
    }, 'the server stops reading');
    expect(server.stats.tcp.queries).toBeLessThan(sent);
    await sim.advance(20_001);
    tcp.socket.resume();
    await tcp.closed;
  });

  it('there are only so many connections, of one client and in all', async () => {
    await using server = await start({ tcp: { mostPerClient: 2, mostConnections: 3 } });
    const open = [await dialTcp(server.peer), await dialTcp(server.peer)];
    const beyond = await dialTcp(server.peer);
    await beyond.closed;
    expect(server.stats.tcp).toMatchObject({ open: 2, refused: 1, connections: 2 });
    open[0]!.socket.destroy();
    await until(() => server.stats.tcp.open === 1, 'its place is free');
    const next = await dialTcp(server.peer);
    next.write(query('www.site.example', 'A'));
    expect(data(await next.next())).toEqual(['192.0.2.193']);
    next.socket.destroy();
  });
});

describe('the response rate limit', () => {
  const positive = Buffer.from('000084000000', 'hex');
  const missing = Buffer.from('000084030000', 'hex');

  it('gives each prefix and kind its rate, lets it recover, and slips each n-th answer beyond', async () => {
    const sim = new SimClock();
    const limit = new RateLimit({ responsesPerSecond: 3, slip: 2 }, sim);
    const verdicts = (address: string, count: number, response = positive) =>
      Array.from({ length: count }, () => limit.check(address, response));
    expect(verdicts('192.0.2.1', 3)).toEqual(['send', 'send', 'send']);
    expect(verdicts('192.0.2.99', 4)).toEqual(['drop', 'slip', 'drop', 'slip']);
    expect(verdicts('192.0.3.1', 1)).toEqual(['send']);
    expect(verdicts('192.0.2.1', 1, missing)).toEqual(['send']);
    await sim.advance(1_000);
    expect(verdicts('192.0.2.1', 4)).toEqual(['send', 'send', 'send', 'drop']);
  });

  it('cuts IPv6 to /56 and other prefixes as told, and leaves out who is exempt', () => {
    const limit = new RateLimit({ responsesPerSecond: 1, slip: 0, exempt: ['127.0.0.1'] }, new SimClock());
    const check = (address: string) => limit.check(address, positive);
    expect(check('2001:db8:0:ff00::1')).toBe('send');
    expect(check('2001:db8:0:ff01::1%eth0')).toBe('drop');
    expect(check('2001:db8:0:fe00::1')).toBe('send');
    expect([check('127.0.0.1'), check('127.0.0.1')]).toEqual(['send', 'send']);
    const odd = new RateLimit({ responsesPerSecond: 1, slip: 0, ipv4PrefixBits: 12 }, new SimClock());
    expect(['10.16.0.1', '10.31.0.1', '10.32.0.1'].map((address) => odd.check(address, positive))).toEqual([
      'send',
      'drop',
      'send',
    ]);
  });

  it('keeps a server from being an amplifier, and sends real clients to TCP', async () => {
    await using server = await start({ rrl: { responsesPerSecond: 2, slip: 2 } });
    const packet = query('ns1.site.example', 'AAAA', { udpBytes: 1232 });
    const socket = createSocket('udp4');
    const answers: Buffer[] = [];
    socket.on('message', (answer) => answers.push(answer));
    for (let time = 0; time < 10; time++) socket.send(packet, server.peer.port, server.peer.address);
    await until(() => server.stats.udp.queries === 10, 'all are handled');
    await until(() => answers.length === 10 - server.stats.udp.limited, 'the answers have come');
    const truncated = answers.filter((answer) => (read(answer).flags & FLAG.TC) !== 0);
    expect(truncated.length).toBe(server.stats.udp.slipped);
    expect(server.stats.udp.limited).toBeGreaterThanOrEqual(3);
    expect(truncated[0]!.length).toBeLessThanOrEqual(packet.length);
    const tcp = await dialTcp(server.peer);
    tcp.write(packet);
    expect(data(await tcp.next())).toEqual(['2001:db8::1']);
    tcp.socket.destroy();
    socket.close();
  });
});
