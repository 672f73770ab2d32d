import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knotdMissing, startKnotd } from '../../test/knotd.ts';
import { keyOf, namedMissing, startNamed } from '../../test/named.ts';
import { titleOf } from '../../test/title-of.ts';
import { SystemClock } from '../base/clock.ts';
import { Secret } from '../base/secret.ts';
import { frame } from './exchange.ts';
import { resolve } from './resolve.ts';
import { signMessage, type TsigKey } from './tsig.ts';
import { type SendUpdateOptions, sendUpdate } from './update.ts';

const ZONE = 'site.example';
const FILE = `$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
www A 192.0.2.1
`;
const key256: TsigKey = {
  name: 'key256',
  algorithm: 'hmac-sha256',
  secret: new Secret('test', Buffer.alloc(32, 1).toString('base64')),
};
const key512: TsigKey = {
  name: 'key512',
  algorithm: 'hmac-sha512',
  secret: new Secret('test', Buffer.alloc(64, 2).toString('base64')),
};
const clock = new SystemClock();
const about = { clock, signal: new AbortController().signal, random: Math.random, timeoutMs: 4_000 };

const change = (from: string, to: string): Pick<SendUpdateOptions, 'prerequisites' | 'changes'> => ({
  prerequisites: [{ kind: 'rrset-equals', name: `www.${ZONE}`, type: 'A', data: [from] }],
  changes: [
    { kind: 'delete-rrset', name: `www.${ZONE}`, type: 'A' },
    { kind: 'add', name: `www.${ZONE}`, ttl: 30, type: 'A', data: to },
  ],
});

const servers = [
  {
    name: 'BIND',
    missing: namedMissing,
    start: () =>
      startNamed({
        zones: [{ zone: ZONE, text: FILE, statements: 'allow-update { key key256; key key512; };' }],
        keys: [keyOf(key256), keyOf(key512)],
      }),
    key: key256,
  },
  {
    name: 'Knot',
    missing: knotdMissing,
    start: () => startKnotd({ zones: [{ zone: ZONE, text: FILE }], key: keyOf(key512) }),
    key: key512,
  },
];

for (const { name, missing, start, key } of servers) {
  describe.skipIf(missing !== undefined)(titleOf(`an update of ${name}`, missing), () => {
    let daemon: { readonly port: number } & AsyncDisposable;
    beforeAll(async () => {
      daemon = await start();
    });
    afterAll(() => daemon?.[Symbol.asyncDispose]());
    const send = (o: Partial<SendUpdateOptions>): ReturnType<typeof sendUpdate> =>
      sendUpdate({
        ...{ ...about, server: '127.0.0.1', port: daemon.port, zone: ZONE, key },
        ...{ prerequisites: [], changes: [], ...o },
      });
    const answer = (type = 'A', owner = 'www') =>
      resolve({
        ...about,
        servers: [{ address: '127.0.0.1', port: daemon.port }],
        name: `${owner}.${ZONE}`,
        type,
      });

    it('changes the records when its prerequisite holds, and is seen as a lost race when it does not', async () => {
      await expect(send(change('192.0.2.1', '192.0.2.2'))).resolves.toMatchObject({ protocol: 'udp' });
      expect(await answer()).toMatchObject({ data: ['192.0.2.2'], ttl: 30, authoritative: true });
      await expect(send(change('192.0.2.1', '192.0.2.3'))).rejects.toMatchObject({
        code: 'dns/update-lost-race',
        rcode: 'NXRRSET',
        retryable: false,
      });
      expect((await answer()).data).toEqual(['192.0.2.2']);
      await send(change('192.0.2.2', '192.0.2.1'));
    });

    it('knows every kind of prerequisite', async () => {
      const www = `www.${ZONE}`;
      const nobody = `nobody.${ZONE}`;
      await send({
        prerequisites: [
          { kind: 'name-in-use', name: www },
          { kind: 'name-not-in-use', name: nobody },
          { kind: 'rrset-exists', name: www, type: 'A' },
          { kind: 'rrset-absent', name: www, type: 'TXT' },
        ],
      });
      const lost = async (prerequisite: SendUpdateOptions['prerequisites'][number], rcode: string) =>
        expect(send({ prerequisites: [prerequisite] })).rejects.toMatchObject({
          code: 'dns/update-lost-race',
          rcode,
        });
      await lost({ kind: 'name-in-use', name: nobody }, 'NXDOMAIN');
      await lost({ kind: 'name-not-in-use', name: www }, 'YXDOMAIN');
      await lost({ kind: 'rrset-exists', name: www, type: 'TXT' }, 'NXRRSET');
      await lost({ kind: 'rrset-absent', name: www, type: 'A' }, 'YXRRSET');
    });

    it('knows every kind of change', async () => {
      const name = `many.${ZONE}`;
      const add = (type: string, data: string) => ({ kind: 'add', name, ttl: 5, type, data }) as const;
      await send({
        changes: [add('A', '192.0.2.7'), add('A', '192.0.2.8'), add('TXT', '"two words" and\\032one')],
      });
      expect((await answer('A', 'many')).data.toSorted()).toEqual(['192.0.2.7', '192.0.2.8']);
      expect((await answer('TXT', 'many')).data).toEqual(['"two words" "and one"']);
      await send({ changes: [{ kind: 'delete-record', name, type: 'A', data: '192.0.2.7' }] });
      expect((await answer('A', 'many')).data).toEqual(['192.0.2.8']);
      await send({ changes: [{ kind: 'delete-name', name }] });
      expect(await answer('A', 'many')).toMatchObject({ rcode: 'NXDOMAIN', data: [], ttl: undefined });
    });

    it('goes over TCP when it is large', async () => {
      const changes = Array.from({ length: 100 }, (_, index) => {
        return {
          kind: 'add',
          name: `h${index}.${ZONE}`,
          ttl: 5,
          type: 'A',
          data: `192.0.2.${index}`,
        } as const;
      });
      await expect(send({ changes })).resolves.toMatchObject({ protocol: 'tcp' });
      expect((await answer('A', 'h99')).data).toEqual(['192.0.2.99']);
    });

    it('is refused without changing anything: wrong secret, unknown key, wrong clock, no key, strange zone', async () => {
      const refused = async (o: Partial<SendUpdateOptions>, what: object) =>
        expect(send({ ...change('192.0.2.1', '192.0.2.9'), ...o })).rejects.toMatchObject({
          code: 'dns/update-refused',
          ...what,
        });
      const wrong = { ...key, secret: new Secret('test', Buffer.alloc(32, 9).toString('base64')) };
      await refused({ key: wrong }, { got: 'BADSIG', rcode: 'NOTAUTH' });
      await refused({ key: { ...key, name: 'stranger' } }, { got: 'BADKEY' });
      const late = Object.assign(Object.create(clock), { now: () => clock.now() + 3_600_000 });
      await refused({ clock: late }, { got: 'BADTIME' });
      await refused(
        { zone: 'elsewhere.example' },
        { rcode: expect.stringMatching(/NOTAUTH|REFUSED|NOTZONE/) },
      );
      await expect(sendUnsigned()).rejects.toMatchObject({ code: 'dns/update-refused' });
      expect((await answer()).data).toEqual(['192.0.2.1']);
    });

    function sendUnsigned(): ReturnType<typeof sendUpdate> {
      return sendUpdate({
        ...{ ...about, ...change('192.0.2.1', '192.0.2.9') },
        ...{ server: '127.0.0.1', port: daemon.port, zone: ZONE },
      });
    }
  });
}

describe('an update to a server that misbehaves', () => {
  const update = (port: number, o: Partial<SendUpdateOptions> = {}) =>
    sendUpdate({
      ...about,
      ...{
        server: '127.0.0.1',
        port,
        zone: ZONE,
        key: key256,
        timeoutMs: 10_000,
        ...change('192.0.2.1', '192.0.2.2'),
      },
      ...o,
    });

  it('is unreachable where nobody listens', async () => {
    const { port } = await silentUdp();
    await expect(update(port)).rejects.toMatchObject({ code: 'dns/unreachable', retryable: true });
  });

  it('does not believe an unsigned or wrongly signed yes', async () => {
    await using unsigned = await udpServer((packet) => reply(packet));
    await expect(update(unsigned.port)).rejects.toMatchObject({ code: 'dns/untrusted-answer' });
    await using signed = await udpServer(
      (packet) => signMessage(reply(packet), key256, { nowMs: Date.now() }).wire,
    );
    await expect(update(signed.port)).rejects.toMatchObject({ code: 'dns/untrusted-answer' });
  });

  it('ignores an answer with another ID until the time is up', async () => {
    await using server = await udpServer((packet) => {
      const strange = reply(packet);
      strange.writeUInt16BE(strange.readUInt16BE(0) ^ 1, 0);
      return strange;
    });
    await expect(update(server.port, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'dns/unreachable' });
  });

  it('falls back to TCP where UDP is silent, and says that the first try may have counted', async () => {
    const server = createServer((socket) => {
      socket.on('data', (data) => {
        const answer = reply(Buffer.from(data.subarray(2)));
        answer[3] = 8;
        socket.end(frame(answer));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using _silent = await udpServer(() => undefined, port);
    await expect(
      sendUpdate({
        ...{ ...about, timeoutMs: 3_000, server: '127.0.0.1', port, zone: ZONE },
        ...change('192.0.2.1', '192.0.2.2'),
      }),
    ).rejects.toMatchObject({ code: 'dns/update-lost-race', message: expect.stringContaining('first try') });
    server.close();
  });

  it('stops with the reason of its signal', async () => {
    await using server = await udpServer(() => undefined);
    const controller = new AbortController();
    const sent = update(server.port, { signal: controller.signal, timeoutMs: 60_000 });
    controller.abort(new Error('enough'));
    await expect(sent).rejects.toThrow('enough');
  });
});

/** The header of an answer to an update. */
function reply(packet: Buffer): Buffer {
  const header = Buffer.alloc(12);
  packet.copy(header, 0, 0, 4);
  header[2] = (header[2] as number) | 0x80;
  return header;
}

async function silentUdp(): Promise<{ port: number }> {
  await using socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port };
}

async function udpServer(
  answer: (packet: Buffer) => Uint8Array | undefined,
  port = 0,
): Promise<{ port: number } & AsyncDisposable> {
  const socket = createSocket('udp4').bind(port, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('message', (packet, from) => {
    const wire = answer(packet);
    if (wire !== undefined) socket.send(wire, from.port, from.address);
  });
  return { port: socket.address().port, [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose]() };
}
