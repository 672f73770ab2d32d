import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
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
import { gatherHere, noFacts } from '../../../test/facts.ts';
import { namedMissing, startNamed, type TestNamed, type TestZone } from '../../../test/named.ts';
import { resolve } from '../../dns/resolve.ts';
import type { Step } from '../../engine/step.ts';
import { type ServiceConfigArgs, serviceConfigArgs } from '../../engine/steps/service-config.ts';
import type { DriverContext } from '../driver.ts';
import { dnsBind } from './index.ts';
import { dnsBindConfig } from './schema.ts';

const title = `planning for a real BIND${namedMissing === undefined ? '' : ` (skipped: ${namedMissing})`}`;

interface World {
  readonly named: TestNamed;
  readonly context: DriverContext;
  plan(): readonly Step[];
  publish(member: string, epoch: number): Promise<unknown>;
  ask(name: string, type: string): Promise<readonly string[]>;
}

async function start(zones: readonly TestZone[], more: Record<string, unknown> = {}): Promise<World> {
  const named = await startNamed({ zones });
  onTestFinished(() => named[Symbol.asyncDispose]());
  const config = dnsBindConfig.parse({
    server: 'dns1',
    zone: ZONE,
    zoneFile: named.zoneFile(ZONE),
    reverse: [{ zone: REVERSE_ZONE, zoneFile: named.zoneFile(REVERSE_ZONE) }],
    port: named.port,
    configFile: named.configFile,
    reloadCommand: `${named.rndcCommand} reload {zone}`,
    statusCommand: `${named.rndcCommand} zonestatus {zone}`,
    ...more,
  });
  const endpoint = makeEndpoint('dns-bind', config, { members: makeEndpoint('', {}).members.slice(0, 2) });
  const site = makeSite([endpoint], [localHost('dns1', named.address)]);
  const context = makeContext({ site, stateDir: named.folder });
  return {
    named,
    context,
    plan: () => dnsBind.plan(site, endpoint, gatherHere(dnsBind.facts(site, endpoint))),
    publish: (member, epoch) => dnsBind.publish(context, endpoint, makeAnswer([member], epoch)),
    async ask(name, type) {
      const { clock, signal, random } = context;
      const servers = [{ address: named.address, port: named.port }];
      return (await resolve({ servers, name, type, timeoutMs: 2_000, clock, signal, random })).data;
    },
  };
}

/** What the step kind `service-config` does, but for systemd, which this machine has not. */
function apply(step: Step | undefined): ServiceConfigArgs {
  expect(step?.kind).toBe('service-config');
  const args = serviceConfigArgs.parse(step?.args);
  for (const { path, content, validate } of args.files) {
    writeFileSync(`${path}.check`, content as string);
    const [command, ...rest] = validate ?? ['true'];
    execFileSync(
      command as string,
      rest.map((word) => word.replace('{path}', `${path}.check`)),
    );
    writeFileSync(path, content as string);
  }
  const [command, ...rest] = args.test as string[];
  execFileSync(command as string, rest);
  return args;
}

const runbook: readonly TestZone[] = [
  { zone: ZONE, text: RUNBOOK_ZONE, statements: 'allow-update { none; };' },
  {
    zone: REVERSE_ZONE,
    text: `${RUNBOOK_REVERSE}201 PTR www.tinder-node-server.com.\n201 PTR email.tinder-node-server.com.\n`,
  },
];

describe.skipIf(namedMissing !== undefined)(title, () => {
  test('of the runbook: corrects TTL and pointers, keeps who is answered, and is empty afterwards', async () => {
    const world = await start(runbook);

    const steps = world.plan();

    expect(steps.map(({ id, kind, host }) => [id, kind, host])).toEqual([
      ['tinder/bind-zones', 'service-config', 'dns1'],
    ]);
    const { files } = apply(steps[0]);
    expect(files.map((file) => file.path)).toEqual([
      world.named.zoneFile(ZONE),
      world.named.zoneFile(REVERSE_ZONE),
    ]);
    world.named.rndc('reload');
    expect(await world.ask(NAME, 'A')).toEqual(['192.0.2.193']);
    expect(await world.ask(`201.${REVERSE_ZONE}`, 'PTR')).toEqual(['email.tinder-node-server.com.']);
    expect(readFileSync(world.named.zoneFile(ZONE), 'utf8')).toContain(
      'www 5 IN A    192.0.2.193   ; 火种节点',
    );
    expect(world.plan()).toEqual([]);
  });

  test('leaves alone what the watcher has published since, whoever is answered', async () => {
    const world = await start(runbook);
    apply(world.plan()[0]);
    world.named.rndc('reload');

    await world.publish('standby', 3);

    expect(world.plan()).toEqual([]);
  });

  test('creates zones that are not there, with a zone statement, and the answer the policy prefers', async () => {
    const world = await start([]);

    const steps = world.plan();

    expect(steps.map(({ kind, needs }) => [kind, needs])).toEqual([
      ['service-config', []],
      ['service', ['tinder/bind-zones']],
    ]);
    expect(apply(steps[0]).files.map((file) => file.path)).toEqual([
      world.named.zoneFile(ZONE),
      world.named.zoneFile(REVERSE_ZONE),
      join(world.named.folder, 'named.conf.holdfast'),
      world.named.configFile,
    ]);
    world.named.rndc('reconfig');
    expect(await world.ask(NAME, 'A')).toEqual(['192.0.2.193']);
    expect(await world.ask(`193.${REVERSE_ZONE}`, 'PTR')).toEqual([`${NAME}.`]);
    expect(await world.ask(ZONE, 'NS')).toEqual([`ns.${ZONE}.`]);
    expect(world.plan()).toEqual([]);
    await world.publish('standby', 1);
    expect(await world.ask(NAME, 'A')).toEqual(['192.0.2.194']);
    expect(world.plan()).toEqual([]);
  });

  test('leaves a named.conf that holds a key on its host, and says which line to add by hand', async () => {
    const world = await start([]);
    const { folder, configFile } = world.named;
    appendFileSync(configFile, 'key "inline" { algorithm hmac-sha256; secret "c2VjcmV0"; };\n');

    expect(() => world.plan()).toThrow(
      expect.objectContaining({
        code: 'dns-bind/config',
        hint: expect.stringContaining(`add the line to ${configFile}`),
      }),
    );

    appendFileSync(configFile, `include "${folder}/named.conf.holdfast";\n`);
    writeFileSync(join(folder, 'named.conf.holdfast'), '');
    const [step] = world.plan();
    expect(JSON.stringify(step)).not.toContain('c2VjcmV0');
    apply(step);
    world.named.rndc('reconfig');
    expect(await world.ask(NAME, 'A')).toEqual(['192.0.2.193']);
    expect(world.plan()).toEqual([]);
  });

  test.each([
    ['is dynamic', 'allow-update { 127.0.0.1; };', {}, 'dns-bind/dynamic-zone'],
    ['lies in another file', '', { zoneFile: '/etc/bind/other.zone' }, 'dns-bind/zone-statement'],
  ])('says so where the zone %s, instead of planning', async (_what, statements, more, code) => {
    const world = await start([{ zone: ZONE, text: RUNBOOK_ZONE, statements }], { reverse: [], ...more });

    expect(() => world.plan()).toThrow(expect.objectContaining({ code }));
  });

  test('says so where BIND does not accept its own configuration', async () => {
    const world = await start(runbook);
    writeFileSync(world.named.configFile, 'nonsense;\n');

    expect(() => world.plan()).toThrow(expect.objectContaining({ code: 'dns-bind/config' }));
  });

  test('plans nothing for a host that cannot be reached: the procedure says that', async () => {
    const world = await start(runbook);
    const [endpoint] = [...world.context.site.endpoints.values()];

    expect(dnsBind.plan(world.context.site, endpoint as never, noFacts)).toEqual([]);
  });
});

describe('planning for a host without BIND', () => {
  test.each([
    ['apt-get', ['bind9', 'bind9-utils']],
    ['yum', ['bind', 'bind-utils']],
  ])('installs the packages of %s first', (manager, packages) => {
    const config = dnsBindConfig.parse({ server: 'dns1', zone: ZONE, zoneFile: '/var/named/x.zone' });
    const endpoint = makeEndpoint('dns-bind', config);
    const site = makeSite([endpoint], [localHost('dns1')]);
    const facts = {
      ...noFacts,
      get: () =>
        ({
          packageManager: manager,
          configFile: undefined,
          config: undefined,
          files: new Map(),
          secretive: [],
          includesOwn: false,
        }) as never,
    };

    const steps = dnsBind.plan(site, endpoint, facts);

    expect(steps.map(({ id, kind }) => [id, kind])).toEqual([['tinder/bind', 'package']]);
    expect(steps[0]?.args).toMatchObject({ packages: packages.map((name) => ({ name })) });
  });
});
