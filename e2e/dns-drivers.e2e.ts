/**
 * The DNS drivers against what runs in data centres: BIND over SSH, BIND and Knot by RFC 2136, and secondaries of both
 * behind the embedded server. Everything on loopback.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SystemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/log.ts';
import { resolve } from '../src/dns/resolve.ts';
import { dnsBind } from '../src/drivers/dns-bind/index.ts';
import { dnsBindConfig } from '../src/drivers/dns-bind/schema.ts';
import { makeDnsEmbedded } from '../src/drivers/dns-embedded/index.ts';
import { dnsEmbeddedConfig } from '../src/drivers/dns-embedded/schema.ts';
import { dnsUpdate } from '../src/drivers/dns-update/index.ts';
import { dnsUpdateConfig } from '../src/drivers/dns-update/schema.ts';
import type { Answer, DriverService } from '../src/drivers/driver.ts';
import type { HostPool } from '../src/hosts/host.ts';
import { controllerSpec, openLocal } from '../src/hosts/local.ts';
import { openHostPool } from '../src/hosts/pool.ts';
import { sshTransport } from '../src/hosts/ssh.ts';
import type { HostSpec } from '../src/site/model.ts';
import { makeAnswer, makeContext, makeEndpoint, makeSite, NAME, ZONE } from '../test/driver-world.ts';
import { REVERSE_ZONE, RUNBOOK_REVERSE, RUNBOOK_ZONE } from '../test/driver-worlds.ts';
import { knotdMissing, startKnotd } from '../test/knotd.ts';
import { freeDnsPort } from '../test/loopback.ts';
import { makeTsigKey, namedMissing, startNamed, type TestKey } from '../test/named.ts';
import { sshdMissing, startSshd } from '../test/sshd.ts';
import { titleOf } from '../test/title-of.ts';
import { until } from '../test/until.ts';

const isRoot = process.getuid?.() === 0;
const clock = new SystemClock();

async function ask(port: number, name: string, type: string): Promise<readonly string[]> {
  const servers = [{ address: '127.0.0.1', port }];
  const { signal } = new AbortController();
  const random = Math.random;
  return (await resolve({ servers, name, type, timeoutMs: 2_000, recurse: false, clock, signal, random }))
    .data;
}

const sshMissing = isRoot ? sshdMissing : 'only root may log in as root here';

describe.skipIf(namedMissing !== undefined || sshMissing !== undefined)(
  titleOf('dns-bind over SSH', namedMissing, sshMissing),
  () => {
    test('edits the runbook’s zone on another machine, back and forth', async () => {
      const named = await startNamed({
        zones: [
          { zone: ZONE, text: RUNBOOK_ZONE, statements: 'allow-update { none; };' },
          { zone: REVERSE_ZONE, text: RUNBOOK_REVERSE },
        ],
      });
      onTestFinished(() => named[Symbol.asyncDispose]());
      const sshd = await startSshd();
      onTestFinished(() => sshd[Symbol.asyncDispose]());
      const config = dnsBindConfig.parse({
        server: 'dns1',
        zone: ZONE,
        zoneFile: named.zoneFile(ZONE),
        reverse: [{ zone: REVERSE_ZONE, zoneFile: named.zoneFile(REVERSE_ZONE) }],
        port: named.port,
        reloadCommand: `${named.rndcCommand} reload {zone}`,
        statusCommand: `${named.rndcCommand} zonestatus {zone}`,
      });
      const endpoint = makeEndpoint('dns-bind', config);
      const site = makeSite([endpoint], [sshd.spec('dns1')]);
      await using hosts = openPool(site.hosts);
      const context = makeContext({ site, stateDir: named.folder, hosts });

      await dnsBind.publish(context, endpoint, makeAnswer(['standby'], 1));
      expect(await ask(named.port, NAME, 'A')).toEqual(['192.0.2.194']);
      expect(await ask(named.port, `194.${REVERSE_ZONE}`, 'PTR')).toEqual([`${NAME}.`]);

      await dnsBind.publish(context, endpoint, makeAnswer(['active'], 2));
      expect(await ask(named.port, NAME, 'A')).toEqual(['192.0.2.193']);
      expect(await ask(named.port, `194.${REVERSE_ZONE}`, 'PTR')).toEqual([]);
      expect(readFileSync(named.zoneFile(ZONE), 'utf8')).toContain('www 5 IN A    192.0.2.193   ; 火种节点');
      expect(sshd.sessions()).toHaveLength(1);
    });
  },
);

/** SSH without the user's own configuration and agent. */
function openPool(hosts: ReadonlyMap<string, HostSpec>): HostPool {
  const secret = async (): Promise<never> => {
    throw new Error('these hosts need no secret');
  };
  return openHostPool({
    hosts,
    transports: [sshTransport({ clock, log: silentLogger, hosts, secret, env: { HOME: '/nonexistent' } })],
    controller: openLocal(controllerSpec('root'), { clock }),
  });
}

interface Primary {
  readonly port: number;
  readonly key: TestKey;
}

const servers: readonly [string, string | undefined, (key: TestKey) => Promise<Primary & AsyncDisposable>][] =
  [
    [
      'BIND',
      namedMissing,
      async (key) => {
        const statements = `allow-update { key "${key.name}"; };`;
        const zones = [
          { zone: ZONE, text: RUNBOOK_ZONE, statements },
          { zone: REVERSE_ZONE, text: RUNBOOK_REVERSE, statements },
        ];
        return { ...(await startNamed({ zones, keys: [key] })), key };
      },
    ],
    [
      'Knot',
      knotdMissing,
      async (key) => {
        const zones = [
          { zone: ZONE, text: RUNBOOK_ZONE },
          { zone: REVERSE_ZONE, text: RUNBOOK_REVERSE },
        ];
        return { ...(await startKnotd({ zones, key })), key };
      },
    ],
  ];

for (const [server, missing, startServer] of servers) {
  describe.skipIf(missing !== undefined)(titleOf(`dns-update against ${server}`, missing), () => {
    const start = async (algorithm: TestKey['algorithm'] = 'hmac-sha256', more: object = {}) => {
      const primary = await startServer(makeTsigKey('holdfast', algorithm));
      onTestFinished(() => primary[Symbol.asyncDispose]());
      const config = dnsUpdateConfig.parse({
        server: '127.0.0.1',
        port: primary.port,
        zone: ZONE,
        reverse: [REVERSE_ZONE],
        key: { name: 'holdfast', algorithm, secret: 'env:KEY' },
        ...more,
      });
      const endpoint = makeEndpoint('dns-update', config);
      const secrets = { 'env:KEY': primary.key.secret, 'env:WRONG': makeTsigKey().secret };
      const context = makeContext({ site: makeSite([endpoint]), stateDir: tmpdir(), secrets });
      return { primary, publish: (answer: Answer) => dnsUpdate.publish(context, endpoint, answer) };
    };

    test.each(['hmac-sha256', 'hmac-sha512'] as const)(
      'takes over the runbook’s record, by %s',
      async (algorithm) => {
        const { primary, publish } = await start(algorithm);

        await publish(makeAnswer(['standby', 'six'], 1));

        expect(await ask(primary.port, NAME, 'A')).toEqual(['192.0.2.194']);
        expect(await ask(primary.port, NAME, 'AAAA')).toEqual(['2001:db8::2']);
        expect(await ask(primary.port, `194.${REVERSE_ZONE}`, 'PTR')).toEqual([`${NAME}.`]);
        expect(await ask(primary.port, `193.${REVERSE_ZONE}`, 'PTR')).toEqual([`email.${ZONE}.`]);
        expect(await ask(primary.port, `email.${ZONE}`, 'A')).toEqual(['192.0.2.193']);
      },
    );

    test('of two controllers at once the newer epoch stays, every time', async () => {
      const { primary, publish } = await start('hmac-sha256', { reverse: [] });
      for (let epoch = 1; epoch < 40; epoch += 2) {
        const [newer] = await Promise.allSettled([
          publish(makeAnswer(['standby'], epoch + 1)),
          publish(makeAnswer(['active'], epoch)),
        ]);

        expect(newer).toMatchObject({ status: 'fulfilled' });
        expect(await ask(primary.port, NAME, 'A')).toEqual(['192.0.2.194']);
      }
    });

    test('mends a record that somebody changed by hand, with the same answer', async () => {
      const { primary, publish } = await start();
      await publish(makeAnswer(['standby'], 5));
      nsupdate(primary, [`update delete ${NAME} A`, `update add ${NAME} 60 A 192.0.2.66`]);
      expect(await ask(primary.port, NAME, 'A')).toEqual(['192.0.2.66']);

      const published = await publish(makeAnswer(['standby'], 5));

      expect(published.changed).toBe(true);
      expect(await ask(primary.port, NAME, 'A')).toEqual(['192.0.2.194']);
    });

    test('leaves a record alone that leads to no member and is not ours, unless told to adopt it', async () => {
      const careful = await start();
      nsupdate(careful.primary, [`update delete ${NAME} A`, `update add ${NAME} 60 A 192.0.2.66`]);

      await expect(careful.publish(makeAnswer(['standby'], 1))).rejects.toMatchObject({
        code: 'driver/foreign-record',
        got: '192.0.2.66',
      });
      expect(await ask(careful.primary.port, NAME, 'A')).toEqual(['192.0.2.66']);

      const bold = await start('hmac-sha256', { adopt: true });
      nsupdate(bold.primary, [`update delete ${NAME} A`, `update add ${NAME} 60 A 192.0.2.66`]);
      await bold.publish(makeAnswer(['standby'], 1));
      expect(await ask(bold.primary.port, NAME, 'A')).toEqual(['192.0.2.194']);
    });

    test('a wrong secret changes nothing, and neither does the message show it', async () => {
      const { primary, publish } = await start('hmac-sha256', {
        key: { name: 'holdfast', secret: 'env:WRONG' },
      });

      const error = await publish(makeAnswer(['standby'], 1)).catch((failure: unknown) => failure);

      expect(error).toMatchObject({ code: 'dns/update-refused', got: 'BADSIG' });
      expect(JSON.stringify(error)).not.toContain(primary.key.secret);
      expect(await ask(primary.port, NAME, 'A')).toEqual(['192.0.2.193']);
    });
  });
}

test.skipIf(namedMissing !== undefined)(
  titleOf('dns-update needs no more of BIND than the update-policy that docs/drivers.md gives', namedMissing),
  async () => {
    const key = makeTsigKey('holdfast');
    const grants = [`name ${NAME}. A AAAA`, `name _holdfast.${NAME}. TXT`].map(
      (to) => `grant holdfast ${to};`,
    );
    const statements = `update-policy { ${grants.join(' ')} };`;
    await using named = await startNamed({
      zones: [{ zone: ZONE, text: RUNBOOK_ZONE, statements }],
      keys: [key],
    });
    const config = dnsUpdateConfig.parse({
      server: '127.0.0.1',
      port: named.port,
      zone: ZONE,
      key: { name: 'holdfast', secret: 'env:KEY' },
    });
    const endpoint = makeEndpoint('dns-update', config);
    const secrets = { 'env:KEY': key.secret };
    const context = makeContext({ site: makeSite([endpoint]), stateDir: tmpdir(), secrets });

    await dnsUpdate.publish(context, endpoint, makeAnswer(['six', 'standby'], 1));
    await dnsUpdate.publish(context, endpoint, makeAnswer(['standby'], 2));

    expect(await ask(named.port, NAME, 'A')).toEqual(['192.0.2.194']);
    expect(await ask(named.port, NAME, 'AAAA')).toEqual([]);
    expect(() => nsupdate({ ...named, key }, [`update delete email.${ZONE} A`])).toThrow(/REFUSED/);
  },
);

/** As a person would, with BIND's own tool; the key goes in by standard input. */
function nsupdate({ port, key }: Primary, lines: readonly string[]): void {
  const input = [
    `server 127.0.0.1 ${port}`,
    `zone ${ZONE}`,
    `key ${key.algorithm}:${key.name} ${key.secret}`,
    ...lines,
    'send',
    '',
  ];
  execFileSync('nsupdate', [], { input: input.join('\n'), stdio: 'pipe' });
}

describe('secondaries of dns-embedded', () => {
  const start = async (secondaryPort: number, key: TestKey) => {
    const stateDir = mkdtempSync(join(tmpdir(), 'holdfast-embedded-'));
    onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
    const port = await freeDnsPort();
    const config = dnsEmbeddedConfig.parse({
      listen: [`127.0.0.1:${port}`],
      zone: ZONE,
      reverse: [REVERSE_ZONE],
      secondaries: [
        {
          address: `127.0.0.1:${secondaryPort}`,
          key: { name: key.name, algorithm: key.algorithm, secret: 'env:KEY' },
        },
      ],
    });
    const endpoint = makeEndpoint('dns-embedded', config);
    const context = makeContext({
      site: makeSite([endpoint]),
      stateDir,
      secrets: { 'env:KEY': key.secret },
    });
    const driver = makeDnsEmbedded();
    const service = (await driver.serve?.(context, [endpoint])) as DriverService;
    onTestFinished(() => service[Symbol.asyncDispose]());
    return { port, publish: (answer: Answer) => driver.publish(context, endpoint, answer) };
  };
  const follows = async (port: number, publish: (answer: Answer) => Promise<unknown>): Promise<void> => {
    await until(async () => (await ask(port, NAME, 'A')).includes('192.0.2.193'));
    for (const [epoch, member, address] of [
      [1, 'standby', '192.0.2.194'],
      [2, 'active', '192.0.2.193'],
      [3, 'standby', '192.0.2.194'],
    ] as const) {
      await publish(makeAnswer([member], epoch));
      await until(async () => (await ask(port, NAME, 'A')).join() === address);
    }
    await until(async () => (await ask(port, `194.${REVERSE_ZONE}`, 'PTR')).join() === `${NAME}.`);
  };

  test.skipIf(namedMissing !== undefined)(titleOf('BIND follows every answer', namedMissing), async () => {
    const key = makeTsigKey('transfer');
    const secondaryPort = await freeDnsPort();
    const { port, publish } = await start(secondaryPort, key);
    const named = await startNamed({
      zones: [],
      keys: [key],
      port: secondaryPort,
      secondaryOf: { address: '127.0.0.1', port, key: key.name, zones: [ZONE, REVERSE_ZONE] },
    });
    onTestFinished(() => named[Symbol.asyncDispose]());

    await follows(secondaryPort, publish);
  });

  test.skipIf(knotdMissing !== undefined)(titleOf('Knot follows every answer', knotdMissing), async () => {
    const key = makeTsigKey('transfer', 'hmac-sha512');
    const secondaryPort = await freeDnsPort();
    const { port, publish } = await start(secondaryPort, key);
    const knot = await startKnotd({
      key,
      port: secondaryPort,
      secondaryOf: { address: '127.0.0.1', port, zones: [ZONE, REVERSE_ZONE] },
    });
    onTestFinished(() => knot[Symbol.asyncDispose]());

    await follows(secondaryPort, publish);
  });
});
