import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  MEMBERS,
  makeAnswer,
  makeContext,
  makeEndpoint,
  makeSite,
  NAME,
  ZONE,
} from '../../../test/driver-world.ts';
import { silentLogger } from '../../base/log.ts';
import { resolve } from '../../dns/resolve.ts';
import type { Endpoint } from '../../site/model.ts';
import type { Answer, DriverService } from '../driver.ts';
import { makeDnsEmbedded } from './index.ts';
import { type DnsEmbeddedConfig, dnsEmbeddedConfig } from './schema.ts';

type EmbeddedEndpoint = Endpoint<DnsEmbeddedConfig>;

function endpointWith(
  config: Record<string, unknown> = {},
  overrides: Partial<EmbeddedEndpoint> = {},
): EmbeddedEndpoint {
  const parsed = dnsEmbeddedConfig.parse({ listen: ['127.0.0.1:0'], zone: ZONE, ...config });
  return makeEndpoint('dns-embedded', parsed, overrides);
}

/** A driver of its own, as each process has one, on a state folder. */
async function start(
  endpoints: readonly EmbeddedEndpoint[],
  stateDir = newFolder(),
  log = silentLogger,
): Promise<{
  service: DriverService;
  stateDir: string;
  publish(
    answer: Answer,
    endpoint?: EmbeddedEndpoint,
  ): ReturnType<ReturnType<typeof makeDnsEmbedded>['publish']>;
  ask(name: string, type: string): ReturnType<typeof resolve>;
  observe(): ReturnType<ReturnType<typeof makeDnsEmbedded>['observe']>;
}> {
  const driver = makeDnsEmbedded();
  const context = { ...makeContext({ site: makeSite(endpoints), stateDir }), log };
  const service = (await driver.serve?.(context, endpoints)) as DriverService;
  onTestFinished(() => service[Symbol.asyncDispose]());
  const port = Number(/:(\d+)\//.exec(service.listening[0] as string)?.[1]);
  const { clock, signal, random } = context;
  const servers = [{ address: '127.0.0.1', port }];
  return {
    service,
    stateDir,
    publish: (answer, endpoint = endpoints[0] as EmbeddedEndpoint) =>
      driver.publish(context, endpoint, answer),
    observe: () => driver.observe(context, endpoints[0] as EmbeddedEndpoint),
    ask: (name, type) =>
      resolve({ servers, name, type, timeoutMs: 2_000, recurse: false, clock, signal, random }),
  };
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-embedded-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function serialOf(ask: (name: string, type: string) => ReturnType<typeof resolve>): Promise<number> {
  return Number((await ask(ZONE, 'SOA')).data[0]?.split(' ')[2]);
}

describe('before anything was published', () => {
  test('clients get the preferred member, as the runbook begins', async () => {
    const { ask } = await start([endpointWith()]);

    expect((await ask(NAME, 'A')).data).toEqual(['192.0.2.193']);
  });

  test('and a look says that nobody chose it, until something is published', async () => {
    const { observe, publish } = await start([endpointWith()]);

    expect(await observe()).toMatchObject({ members: ['active'], unpublished: true });
    await publish(makeAnswer(['active'], 1));
    expect(await observe()).not.toHaveProperty('unpublished');
  });

  test('or all members, where the policy answers all', async () => {
    const { ask } = await start([endpointWith({}, { policy: 'all-healthy' })]);

    expect([...(await ask(NAME, 'A')).data].sort()).toEqual(['192.0.2.193', '192.0.2.194']);
    expect((await ask(NAME, 'AAAA')).data).toEqual(['2001:db8::2']);
  });
});

describe('after a restart, before anything is published again', () => {
  test('clients get the last answer with its epoch and serial', async () => {
    const first = await start([endpointWith()]);
    await first.publish(makeAnswer(['standby'], 9));
    const serial = await serialOf(first.ask);
    await first.service[Symbol.asyncDispose]();

    const second = await start([endpointWith()], first.stateDir);

    expect((await second.ask(NAME, 'A')).data).toEqual(['192.0.2.194']);
    expect((await second.ask(`_holdfast.${NAME}`, 'TXT')).data[0]).toContain('epoch=9 ');
    expect(await serialOf(second.ask)).toBe(serial);
    await expect(second.publish(makeAnswer(['active'], 8))).rejects.toMatchObject({
      code: 'driver/older-epoch',
    });
  });

  test('members that the site no longer has are left out, and what is left is answered', async () => {
    const both = endpointWith({}, { policy: 'all-healthy' });
    const first = await start([both]);
    await first.publish(makeAnswer(['active', 'standby'], 1));
    await first.service[Symbol.asyncDispose]();

    const second = await start([{ ...both, members: MEMBERS.slice(1) }], first.stateDir);

    expect((await second.ask(NAME, 'A')).data).toEqual(['192.0.2.194']);
  });

  test('a state that cannot be read is set aside, loudly, and the server starts', async () => {
    const stateDir = newFolder();
    writeFileSync(join(stateDir, 'dns-embedded.json'), '{"version":1,"answ');
    const errors: string[] = [];
    const log = { ...silentLogger, error: (message: string) => void errors.push(message) };

    const { ask } = await start([endpointWith()], stateDir, log);

    expect((await ask(NAME, 'A')).data).toEqual(['192.0.2.193']);
    expect(errors).toEqual(['the last answers cannot be read, and were set aside']);
    expect(readFileSync(join(stateDir, 'dns-embedded.json.broken'), 'utf8')).toBe('{"version":1,"answ');
  });
});

describe('publishing', () => {
  test('goes on where the disk refuses: a full disk must not stop a failover', async () => {
    const errors: string[] = [];
    const log = { ...silentLogger, error: (message: string) => void errors.push(message) };
    const { publish, ask, stateDir } = await start([endpointWith()], newFolder(), log);
    rmSync(stateDir, { recursive: true });
    writeFileSync(stateDir, 'a file where the folder was');

    await publish(makeAnswer(['standby'], 1));

    expect((await ask(NAME, 'A')).data).toEqual(['192.0.2.194']);
    expect(errors[0]).toContain('cannot be kept');
  });

  test('raises the serial with every change, also where the state folder was lost', async () => {
    const first = await start([endpointWith()]);
    const serials = [await serialOf(first.ask)];
    for (const [index, member] of ['standby', 'active', 'standby'].entries()) {
      await first.publish(makeAnswer([member], index + 1));
      serials.push(await serialOf(first.ask));
    }
    await first.service[Symbol.asyncDispose]();

    expect(serials).toEqual([...new Set(serials)].sort((a, b) => a - b));
    const anew = await start([endpointWith()]);
    expect(await serialOf(anew.ask)).toBeGreaterThanOrEqual(serials[0] as number);
  });

  test('moves the PTR record with the answer', async () => {
    const { publish, ask } = await start([
      endpointWith({ reverse: ['2.0.192.in-addr.arpa', '8.b.d.0.1.0.0.2.ip6.arpa'] }),
    ]);
    expect((await ask('193.2.0.192.in-addr.arpa', 'PTR')).data).toEqual([`${NAME}.`]);

    await publish(makeAnswer(['standby'], 1));

    expect((await ask('193.2.0.192.in-addr.arpa', 'PTR')).rcode).toBe('NXDOMAIN');
    expect((await ask('194.2.0.192.in-addr.arpa', 'PTR')).data).toEqual([`${NAME}.`]);
  });

  test('shares clients out by weight, one address at a time', async () => {
    const { publish, ask } = await start([endpointWith({}, { policy: 'weighted' })]);
    await publish(makeAnswer(['active', 'standby'], 1));

    const given: string[] = [];
    for (let n = 0; n < 40; n++) given.push(...(await ask(NAME, 'A')).data);

    expect(given).toHaveLength(40);
    expect(given.filter((address) => address === '192.0.2.194')).toHaveLength(30);
  });

  test('keeps two endpoints of one zone apart', async () => {
    const other = endpointWith({}, { name: 'chart', dnsName: `chart.${ZONE}` });
    const { publish, ask } = await start([endpointWith(), other]);

    await Promise.all([publish(makeAnswer(['standby'], 1)), publish(makeAnswer(['six'], 1), other)]);

    expect((await ask(NAME, 'A')).data).toEqual(['192.0.2.194']);
    expect((await ask(`chart.${ZONE}`, 'AAAA')).data).toEqual(['2001:db8::2']);
  });

  test('is refused where no watcher answers in this process, with what to do', async () => {
    const endpoint = endpointWith();
    const context = makeContext({ site: makeSite([endpoint]), stateDir: newFolder() });

    await expect(
      makeDnsEmbedded().publish(context, endpoint, makeAnswer(['standby'], 1)),
    ).rejects.toMatchObject({
      code: 'dns-embedded/not-serving',
      hint: expect.stringContaining('holdfast watch'),
    });
  });
});

describe('listening', () => {
  test('on IPv6 as on IPv4, several addresses at once', async () => {
    const { service, ask } = await start([endpointWith({ listen: ['127.0.0.1:0', '[::1]:0'] })]);

    expect(service.listening).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:\d+\/udp\+tcp$/),
      expect.stringMatching(/^\[::1\]:\d+\/udp\+tcp$/),
    ]);
    expect((await ask(NAME, 'A')).data).toEqual(['192.0.2.193']);
  });

  test('where another program listens already is refused with the address', async () => {
    const first = await start([endpointWith()]);
    const taken = (first.service.listening[0] as string).replace('/udp+tcp', '');

    await expect(start([endpointWith({ listen: [taken] })])).rejects.toMatchObject({
      code: 'dns/listen',
      message: expect.stringContaining(taken.split(':')[1] as string),
    });
  });
});

describe('the zone', () => {
  test('is the name itself unless told, and nothing beside it is answered', async () => {
    const { ask } = await start([endpointWith({ zone: undefined })]);

    expect((await ask(NAME, 'SOA')).data[0]).toMatch(
      /^ns\.www\.tinder-node-server\.com\. hostmaster\.www\.tinder-node-server\.com\. \d+ 900 60 1209600 5$/,
    );
    expect((await ask(NAME, 'NS')).data).toEqual([`ns.${NAME}.`]);
    expect((await ask(`ns.${NAME}`, 'A')).data).toEqual(['127.0.0.1']);
    expect((await ask(ZONE, 'SOA')).rcode).toBe('REFUSED');
  });

  test('forgets within seconds that a name was not there', async () => {
    const { ask } = await start([endpointWith()]);

    const { rcode, authorities } = await ask(`nothing.${ZONE}`, 'A');

    expect(rcode).toBe('NXDOMAIN');
    expect(authorities[0]).toMatchObject({ type: 'SOA', ttl: 5 });
  });

  test('has the records of its zone file, but for the name that is answered, with a serial beyond the file’s', async () => {
    const folder = newFolder();
    const file = join(folder, 'tinder.zone');
    writeFileSync(
      file,
      `$TTL 1D
@ IN SOA tinder-node-server.com. rname.invalid. ( 3000000000 1D 1H 1W 3H )
  NS @
  A 127.0.0.1
www A 192.0.2.66
email A 192.0.2.193
www TXT "kept"
`,
    );
    const { ask } = await start([endpointWith({ zoneFiles: { [ZONE]: file } })]);

    expect((await ask(NAME, 'A')).data).toEqual(['192.0.2.193']);
    expect((await ask(NAME, 'TXT')).data).toEqual(['"kept"']);
    expect((await ask(`email.${ZONE}`, 'A')).data).toEqual(['192.0.2.193']);
    expect((await ask(ZONE, 'NS')).data).toEqual([`${ZONE}.`]);
    expect((await ask(ZONE, 'SOA')).data[0]).toBe(
      'tinder-node-server.com. rname.invalid. 3000000001 86400 3600 604800 5',
    );
  });

  test('is refused with file and line where its file has a mistake', async () => {
    const file = join(newFolder(), 'broken.zone');
    writeFileSync(file, '$TTL 1D\n@ SOA a. b. 1 2 3 4 5\nwww A not-an-address\n');

    await expect(start([endpointWith({ zoneFiles: { [ZONE]: file } })])).rejects.toMatchObject({
      code: 'dns-embedded/zone-file',
      got: expect.stringContaining(`${file}:3:`),
    });
  });
});

describe('what the site file may say of listening', () => {
  const listenOf = (text: string): unknown => dnsEmbeddedConfig.parse({ listen: [text] }).listen[0];

  test.each([
    ['10.0.0.2', { address: '10.0.0.2', port: 53 }],
    ['127.0.0.1:5300', { address: '127.0.0.1', port: 5300 }],
    ['2001:db8::2', { address: '2001:db8::2', port: 53 }],
    ['[2001:db8::2]:5300', { address: '2001:db8::2', port: 5300 }],
    ['[::]', { address: '::', port: 53 }],
  ])('%s', (text, expected) => {
    expect(listenOf(text)).toEqual(expected);
  });

  test.each(['localhost:53', '10.0.0.2:99999', '10.0.0', '10.0.0.2:', '[10.0.0.2'])('not %s', (text) => {
    expect(() => listenOf(text)).toThrow(/expected an IP address/);
  });

  test('by default nobody but this machine', () => {
    expect(dnsEmbeddedConfig.parse({}).listen).toEqual([{ address: '127.0.0.1', port: 5300 }]);
  });
});
