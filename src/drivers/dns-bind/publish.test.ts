import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  localHost,
  makeAnswer,
  makeContext,
  makeEndpoint,
  makeSite,
  NAME,
  ZONE,
} from '../../../test/driver-world.ts';
import { REVERSE_ZONE, RUNBOOK_REVERSE, RUNBOOK_ZONE } from '../../../test/driver-worlds.ts';
import { namedMissing, startNamed, type TestNamed } from '../../../test/named.ts';
import { resolve } from '../../dns/resolve.ts';
import type { Answer, DriverContext } from '../driver.ts';
import { dnsBind } from './index.ts';
import { dnsBindConfig } from './schema.ts';

const title = `publishing through a real BIND${namedMissing === undefined ? '' : ` (skipped: ${namedMissing})`}`;

interface World {
  readonly named: TestNamed;
  readonly context: DriverContext;
  readonly file: string;
  publish(answer: Answer): ReturnType<typeof dnsBind.publish>;
  ask(name: string, type: string): Promise<readonly string[]>;
}

/** BIND with the runbook's zones. @param overrides of the driver's configuration */
async function start(
  overrides: (named: TestNamed) => Record<string, unknown> = () => ({}),
  zone: { statements?: string; text?: string } = {},
): Promise<World> {
  const named = await startNamed({
    zones: [
      { zone: ZONE, text: zone.text ?? RUNBOOK_ZONE, statements: zone.statements ?? '' },
      { zone: REVERSE_ZONE, text: RUNBOOK_REVERSE },
    ],
  });
  onTestFinished(() => named[Symbol.asyncDispose]());
  const config = dnsBindConfig.parse({
    server: 'dns1',
    zone: ZONE,
    zoneFile: named.zoneFile(ZONE),
    port: named.port,
    reloadCommand: `${named.rndcCommand} reload {zone}`,
    statusCommand: `${named.rndcCommand} zonestatus {zone}`,
    settle: '1s',
    ...overrides(named),
  });
  const endpoint = makeEndpoint('dns-bind', config);
  const context = makeContext({
    site: makeSite([endpoint], [localHost('dns1', named.address)]),
    stateDir: named.folder,
  });
  return {
    named,
    context,
    file: named.zoneFile(ZONE),
    publish: (answer) => dnsBind.publish(context, endpoint, answer),
    async ask(name, type) {
      const { clock, signal, random } = context;
      const servers = [{ address: named.address, port: named.port }];
      return (await resolve({ servers, name, type, timeoutMs: 2_000, clock, signal, random })).data;
    },
  };
}

function serialOf(soa: readonly string[]): number {
  return Number(soa[0]?.split(' ')[2]);
}

describe.skipIf(namedMissing !== undefined)(title, () => {
  test('changes the runbook’s zone file in its lines about the name only, and keeps the old one', async () => {
    const world = await start();
    chmodSync(world.file, 0o640);

    await world.publish(makeAnswer(['standby'], 7, 5_000));

    const lines = readFileSync(world.file, 'utf8').split('\n');
    const before = RUNBOOK_ZONE.split('\n');
    expect(lines.filter((line) => !before.includes(line))).toEqual([
      '                    1   ; serial',
      'www 5 IN A    192.0.2.194   ; 火种节点',
      expect.stringMatching(
        /^_holdfast\.www\.tinder-node-server\.com\.\t0\tIN\tTXT\t"v=holdfast1 epoch=7 by=/,
      ),
    ]);
    expect(statSync(world.file).mode & 0o777).toBe(0o640);
    expect(readFileSync(`${world.file}.holdfast-old`, 'utf8')).toBe(RUNBOOK_ZONE);
    expect(readdirSync(world.named.folder).filter((name) => name.includes('holdfast-new'))).toEqual([]);
  });

  test('moves the PTR record with the name, and leaves that of another name', async () => {
    const world = await start((named) => ({
      reverse: [{ zone: REVERSE_ZONE, zoneFile: named.zoneFile(REVERSE_ZONE) }],
    }));

    await world.publish(makeAnswer(['standby'], 1));

    expect(await world.ask(`194.${REVERSE_ZONE}`, 'PTR')).toEqual([`${NAME}.`]);
    expect(await world.ask(`193.${REVERSE_ZONE}`, 'PTR')).toEqual(['email.tinder-node-server.com.']);
  });

  test('raises the serial with every change, so that secondaries follow', async () => {
    const world = await start();
    const serials: number[] = [serialOf(await world.ask(ZONE, 'SOA'))];
    for (const [index, member] of ['standby', 'active', 'standby'].entries()) {
      await world.publish(makeAnswer([member], index + 1));
      serials.push(serialOf(await world.ask(ZONE, 'SOA')));
    }

    expect(serials).toEqual([0, 1, 2, 3]);
  });

  test('follows a symbolic link, which stays one', async () => {
    const world = await start((named) => ({ zoneFile: join(named.folder, 'link.zone') }));
    symlinkSync(world.file, join(world.named.folder, 'link.zone'));

    await world.publish(makeAnswer(['standby'], 1));

    expect(readFileSync(world.file, 'utf8')).toContain('192.0.2.194');
    expect(await world.ask(NAME, 'A')).toEqual(['192.0.2.194']);
  });

  test('goes on from where an earlier call was cut off between file and reload', async () => {
    const world = await start();
    await world.publish(makeAnswer(['standby'], 1));
    const text = readFileSync(world.file, 'utf8');
    await world.publish(makeAnswer(['active'], 2));
    writeFileSync(world.file, text.replace('epoch=1 ', 'epoch=3 ').replace('1   ; serial', '9   ; serial'));

    const published = await world.publish(makeAnswer(['standby'], 3));

    expect(published.changed).toBe(true);
    expect(await world.ask(NAME, 'A')).toEqual(['192.0.2.194']);
  });
});

describe.skipIf(namedMissing !== undefined)(
  `${title}: what goes wrong leaves the old file and answer`,
  () => {
    const untouched = async (world: World): Promise<void> => {
      expect(readFileSync(world.file, 'utf8')).toBe(RUNBOOK_ZONE);
      expect(await world.ask(NAME, 'A')).toEqual(['192.0.2.193']);
      expect(readdirSync(world.named.folder).filter((name) => name.includes('holdfast-new'))).toEqual([]);
    };

    test('named-checkzone does not accept the new content', async () => {
      const text = `${RUNBOOK_ZONE}broken IN A not-an-address\n`;
      const world = await start();
      writeFileSync(world.file, text);

      await expect(world.publish(makeAnswer(['standby'], 1))).rejects.toMatchObject({
        code: 'dns-bind/check-failed',
        evidence: expect.stringContaining('not-an-address'),
      });

      expect(readFileSync(world.file, 'utf8')).toBe(text);
      expect(await world.ask(NAME, 'A')).toEqual(['192.0.2.193']);
    });

    test('rndc does not reach BIND', async () => {
      const world = await start(() => ({ reloadCommand: 'rndc -c /nonexistent/rndc.conf reload {zone}' }));

      await expect(world.publish(makeAnswer(['standby'], 1))).rejects.toMatchObject({
        code: 'dns-bind/reload-failed',
        where: { host: 'dns1' },
        got: expect.stringContaining('/nonexistent/rndc.conf'),
      });

      await untouched(world);
    });

    test('BIND serves the zone from another file than the one that is edited', async () => {
      const world = await start((named) => ({ zoneFile: join(named.folder, 'other.zone') }));
      const other = join(world.named.folder, 'other.zone');
      writeFileSync(other, RUNBOOK_ZONE);

      await expect(world.publish(makeAnswer(['standby'], 1))).rejects.toMatchObject({
        code: 'driver/not-visible',
      });

      expect(readFileSync(other, 'utf8')).toBe(RUNBOOK_ZONE);
      await untouched(world);
    });

    test('the reload says that all is well, but BIND has loaded something else: old records under a newer serial', async () => {
      // A stand-in for a hook that rewrites the zone on its way: BIND loads our serial with another address.
      const world = await start((named) => {
        const file = named.zoneFile(ZONE);
        const hook = `sh -c 'sed s/192.0.2.194/192.0.2.66/ ${file} > ${file}.t; cp ${file} ${file}.k; cat ${file}.t > ${file}; ${named.rndcCommand} reload {zone}; sleep 0.2; cat ${file}.k > ${file}'`;
        return { reloadCommand: hook };
      });

      await expect(world.publish(makeAnswer(['standby'], 1))).rejects.toMatchObject({
        code: 'driver/not-visible',
      });

      expect(readFileSync(world.file, 'utf8')).toBe(RUNBOOK_ZONE.replace('0   ; serial', '2   ; serial'));
      expect(await world.ask(NAME, 'A')).toEqual(['192.0.2.193']);
      expect(serialOf(await world.ask(ZONE, 'SOA'))).toBe(2);
    });

    test('the zone is dynamic: refused with a hint to the other driver, before anything is read', async () => {
      const world = await start(() => ({}), { statements: 'allow-update { 127.0.0.1; };' });

      await expect(world.publish(makeAnswer(['standby'], 1))).rejects.toMatchObject({
        code: 'dns-bind/dynamic-zone',
        hint: expect.stringContaining('dns-update'),
      });

      await untouched(world);
    });

    test('a journal of a zone that BIND calls static is no reason to refuse', async () => {
      const world = await start(() => ({}), { statements: 'ixfr-from-differences yes;' });

      await world.publish(makeAnswer(['standby'], 1));
      await world.publish(makeAnswer(['active'], 2));

      expect(readdirSync(world.named.folder).some((name) => name.endsWith('.jnl'))).toBe(true);
      expect(await world.ask(NAME, 'A')).toEqual(['192.0.2.193']);
    });

    test('the zone file is not there', async () => {
      const world = await start((named) => ({ zoneFile: join(named.folder, 'none.zone') }));

      await expect(world.publish(makeAnswer(['standby'], 1))).rejects.toMatchObject({
        code: 'dns-bind/zone-missing',
        where: { host: 'dns1' },
      });
      await untouched(world);
    });
  },
);

describe.skipIf(namedMissing !== undefined)(`${title}: two at once`, () => {
  test('of two controllers the newer epoch stays, whoever comes last', async () => {
    const world = await start();
    for (let epoch = 1; epoch < 12; epoch += 2) {
      const outcomes = await Promise.allSettled([
        world.publish(makeAnswer(['standby'], epoch + 1)),
        world.publish(makeAnswer(['active'], epoch)),
      ]);

      expect(outcomes[0]?.status).toBe('fulfilled');
      expect(await world.ask(NAME, 'A')).toEqual(['192.0.2.194']);
      expect(readFileSync(world.file, 'utf8')).toContain(`epoch=${epoch + 1} `);
    }
  });
});
