import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { dialTcp, query, read } from '../../test/dns/raw.ts';
import { SITE_ZONE, zoneOf } from '../../test/dns/site-zone.ts';
import { knotdMissing, startKnotd } from '../../test/knotd.ts';
import { freeDnsPort } from '../../test/loopback.ts';
import { keyOf, namedMissing, startNamed } from '../../test/named.ts';
import { titleOf } from '../../test/title-of.ts';
import { until } from '../../test/until.ts';
import { SystemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { Secret } from '../base/secret.ts';
import { formatRecord } from './record.ts';
import { resolve } from './resolve.ts';
import { typeName } from './rr-type.ts';
import { type DnsServer, type DnsServerOptions, startDnsServer } from './server.ts';
import { signMessage, type TsigKey, verifyMessage } from './tsig.ts';
import { type Zone, zoneRecords } from './zone.ts';
import { ZoneHistory } from './zone-history.ts';

const clock = new SystemClock();
const key: TsigKey = {
  name: 'transfer-key',
  algorithm: 'hmac-sha256',
  secret: new Secret('test', Buffer.alloc(32, 3).toString('base64')),
};
/** Without the DNAME, which older servers treat in their own ways. */
const TEXT = SITE_ZONE.replace('moved DNAME new.example.\n', '');
const version = (serial: number, address: string): Zone =>
  zoneOf(TEXT.replace('2026030101', String(serial)).replace('192.0.2.193', address));

async function start(o: Partial<DnsServerOptions> = {}): Promise<DnsServer & { port: number }> {
  const server = await startDnsServer({
    ...{ listen: [{ address: '127.0.0.1', port: 0 }], zones: [version(1, '192.0.2.193')], keys: [key] },
    ...{ clock, log: silentLogger, random: Math.random, ...o },
  });
  return Object.assign(server, { port: server.addresses[0]!.port });
}
const lines = (zone: Zone): string[] => [...zoneRecords(zone)].map(formatRecord).sort();

const DIG = '/usr/bin/dig';
async function dig(port: number, ...args: string[]): Promise<string[]> {
  const all = [
    '@127.0.0.1',
    '-p',
    String(port),
    '+tries=1',
    '+nocmd',
    '+nostats',
    '+nocomments',
    '+onesoa',
    ...args,
  ];
  const { stdout } = await promisify(execFile)(DIG, all, { maxBuffer: 64 * 1024 * 1024 });
  return stdout.split('\n').filter((line) => line !== '');
}
const secret = (name = key.name): string => `${key.algorithm}:${name}:${key.secret.reveal()}`;

describe.skipIf(!existsSync(DIG))('a transfer to dig (skipped where dig is not installed)', () => {
  const normal = (line: string): string => line.replace(/\s+/g, ' ').toLowerCase();

  it('gives the whole zone to who has the key', async () => {
    await using server = await start();
    const got = await dig(server.port, '-y', secret(), 'axfr', 'site.example');
    expect(
      got
        .map(normal)
        .sort()
        .filter((line) => !line.includes('tsig')),
    ).toEqual(lines(version(1, '192.0.2.193')).map(normal).sort());
    expect(server.stats.tcp.transfers).toBe(1);
  });

  it('gives nothing without a key, with another, or for a zone that is not ours', async () => {
    await using server = await start();
    for (const args of [
      ['axfr', 'site.example'],
      ['-y', secret('other'), 'axfr', 'site.example'],
      ['-y', secret(), 'axfr', 'elsewhere.example'],
    ]) {
      const got = await dig(server.port, ...args);
      expect(got.join('\n')).toContain('Transfer failed');
    }
    expect(server.stats.tcp.transfers).toBe(0);
  });

  it('gives a zone of many messages, each signed after the one before', async () => {
    const hosts = Array.from({ length: 20_000 }, (_, index) => `host-${index} A 192.0.2.1`);
    await using server = await start({ zones: [zoneOf(`${TEXT}${hosts.join('\n')}\n`)] });
    const got = await dig(server.port, '-y', secret(), 'axfr', 'site.example');
    expect(got.filter((line) => line.startsWith('host-')).length).toBe(20_000);
  });

  it('gives the changes since a serial, the SOA alone to who is up to date, and all to who is too old', async () => {
    await using server = await start();
    server.publish([version(2, '192.0.2.194')]);
    server.publish([version(3, '192.0.2.195')]);
    const ixfr = async (serial: number): Promise<string[]> =>
      (await dig(server.port, '-y', secret(), `ixfr=${serial}`, 'site.example'))
        .map((line) => line.split(/\s+/))
        .filter(([, , , type]) => type !== 'TSIG')
        .map(([, , , type, ...rdata]) => (type === 'SOA' ? `SOA ${rdata[2]}` : `${type} ${rdata.join(' ')}`));
    const last = ['SOA 3', 'SOA 2', 'A 192.0.2.194', 'SOA 3', 'A 192.0.2.195', 'SOA 3'];
    expect(await ixfr(2)).toEqual(last);
    expect(await ixfr(1)).toEqual([
      'SOA 3',
      'SOA 1',
      'A 192.0.2.193',
      'SOA 2',
      'A 192.0.2.194',
      ...last.slice(1),
    ]);
    expect(await ixfr(3)).toEqual(['SOA 3']);
    expect(await ixfr(4)).toEqual(['SOA 3']);
    const all = await ixfr(0); // As in AXFR, the SOA comes first and last.
    expect(all).toHaveLength(lines(version(3, '192.0.2.195')).length + 1);
  });
});

const secondaries = [
  {
    name: 'BIND',
    missing: namedMissing,
    start: (primary: number, port: number) =>
      startNamed({
        zones: [],
        keys: [keyOf(key)],
        port,
        secondaryOf: { address: '127.0.0.1', port: primary, key: key.name, zones: ['site.example'] },
      }),
  },
  {
    name: 'Knot',
    missing: knotdMissing,
    start: (primary: number, port: number) =>
      startKnotd({
        key: keyOf(key),
        port,
        secondaryOf: { address: '127.0.0.1', port: primary, zones: ['site.example'] },
      }),
  },
];

for (const { name, missing, start: startSecondary } of secondaries) {
  describe.skipIf(missing !== undefined)(titleOf(`${name} as our secondary`, missing), () => {
    it('takes the zone, and each change as soon as it is notified, by IXFR', async () => {
      const port = await freeDnsPort();
      await using server = await start({ notify: [{ address: '127.0.0.1', port, key }] });
      await using daemon = await startSecondary(server.port, port);
      const answer = async (): Promise<readonly string[]> =>
        (
          await resolve({
            ...{
              servers: [{ address: '127.0.0.1', port: daemon.port }],
              name: 'www.site.example',
              timeoutMs: 2_000,
            },
            ...{ clock, signal: new AbortController().signal, random: Math.random },
          })
        ).data;
      await until(async () => (await answer())[0] === '192.0.2.193', 'the zone has arrived');
      for (const [serial, address] of [
        [2, '192.0.2.194'],
        [3, '192.0.2.195'],
      ] as const) {
        server.publish([version(serial, address)]);
        await until(async () => (await answer())[0] === address, `serial ${serial} has arrived`);
      }
      expect(server.stats.tcp.transfers).toBeGreaterThanOrEqual(3);
      expect(daemon.log()).not.toMatch(/tsig verify failure|malformed|IXFR.*failed/i);
    });
  });
}

describe('the messages of a transfer', () => {
  it('are signed in a chain: none can be left out, changed or moved', async () => {
    const hosts = Array.from({ length: 3_000 }, (_, index) => `host-${index} A 192.0.2.1`);
    await using server = await start({ zones: [zoneOf(`${TEXT}${hosts.join('\n')}\n`)] });
    const tcp = await dialTcp(server.addresses[0]!);
    const { wire, mac } = signMessage(query('site.example', 'AXFR'), key, { nowMs: clock.now() });
    tcp.write(Buffer.from(wire));
    let requestMac = mac;
    let soas = 0;
    for (let index = 0; soas < 2; index++) {
      const message = await tcp.next();
      const verified = verifyMessage(message, [key], {
        nowMs: clock.now(),
        requestMac,
        timersOnly: index > 0,
      });
      if (!verified.ok) throw new Error(verified.error);
      const strange = verifyMessage(message, [key], {
        nowMs: clock.now(),
        requestMac: mac,
        timersOnly: index > 0,
      });
      expect(strange.ok).toBe(index === 0);
      requestMac = verified.mac;
      const { answers, questions } = read(Buffer.from(verified.stripped));
      expect(questions).toHaveLength(index === 0 ? 1 : 0);
      soas += answers.filter(({ type }) => typeName(type) === 'SOA').length;
      expect(message.length).toBeLessThan(17_000);
    }
    tcp.socket.destroy();
  });
});

describe('the history of a zone', () => {
  const note = (history: ZoneHistory, before: Zone | undefined, after: Zone) => history.note(before, after);

  it('notices what is the same, what changed, and a serial that was not raised', () => {
    const history = new ZoneHistory();
    const one = version(1, '192.0.2.1');
    expect(note(history, undefined, one)).toBe('changed');
    expect(note(history, one, version(1, '192.0.2.1'))).toBe('unchanged');
    expect(note(history, one, version(2, '192.0.2.2'))).toBe('changed');
    expect(history.since(one.origin.key, 1)).toHaveLength(1);
    expect(note(history, version(2, '192.0.2.2'), version(2, '192.0.2.3'))).toBe('serial-not-raised');
    expect(history.since(one.origin.key, 1)).toBeUndefined();
  });

  it('forgets the oldest changes before it grows larger than the zone', () => {
    const history = new ZoneHistory();
    let before = version(1, '192.0.2.0');
    for (let serial = 2; serial < 200; serial++) {
      const after = version(serial, `192.0.2.${serial}`);
      note(history, before, after);
      before = after;
    }
    const kept = Array.from(
      { length: 200 },
      (_, serial) => history.since(before.origin.key, serial)?.length ?? 0,
    );
    expect(Math.max(...kept) * 2).toBeLessThanOrEqual(before.recordCount);
    expect(kept[198]).toBe(1);
    expect(kept[1]).toBe(0);
  });
});
