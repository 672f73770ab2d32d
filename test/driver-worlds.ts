/** The world of each driver for `driver-contract.ts`. A driver without one fails the registry's test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dnsBindConfig } from '../src/drivers/dns-bind/schema.ts';
import { dnsEmbedded } from '../src/drivers/dns-embedded/index.ts';
import { dnsEmbeddedConfig } from '../src/drivers/dns-embedded/schema.ts';
import { dnsUpdateConfig } from '../src/drivers/dns-update/schema.ts';
import type { DriverWorld, WorldMaker } from './driver-contract.ts';
import { localHost, makeContext, makeEndpoint, makeSite, ZONE } from './driver-world.ts';
import { keepalivedWorld } from './keepalived-world.ts';
import { makeTsigKey, namedMissing, startNamed } from './named.ts';
import { proxyWorld } from './proxy-world.ts';
import { segmentMissing } from './vip-segment.ts';

/** The zone files of the runbook, with addresses of documentation. */
export const RUNBOOK_ZONE = `$TTL 1D
@   IN SOA  tinder-node-server.com. rname.invalid. (
                    0   ; serial
                    1D  ; refresh
                    1H  ; retry
                    1W  ; expire
                    3H )    ; minimum
    NS  @
    A   127.0.0.1
    AAAA    ::1
    NS  ns.tinder-node-server.com.
ns  IN A    192.0.2.193
www IN A    192.0.2.193   ; 火种节点
email   IN A    192.0.2.193
`;

export const REVERSE_ZONE = '2.0.192.in-addr.arpa';

export const RUNBOOK_REVERSE = `$TTL 1D
@   IN SOA  tinder-node-server.com. rname.invalid. (
                    0   ; serial
                    1D  ; refresh
                    1H  ; retry
                    1W  ; expire
                    3H )    ; minimum
    NS  ns.tinder-node-server.com.
193 PTR www.tinder-node-server.com.
193 PTR email.tinder-node-server.com.
`;

export const worlds: Readonly<Record<string, WorldMaker>> = {
  'dns-embedded': { missing: undefined, make: dnsEmbeddedWorld },
  'dns-update': { missing: namedMissing, make: dnsUpdateWorld },
  'dns-bind': { missing: namedMissing, make: dnsBindWorld },
  keepalived: { missing: segmentMissing, make: keepalivedWorld },
  haproxy: { missing: segmentMissing, make: () => proxyWorld('haproxy') },
  nginx: { missing: segmentMissing, make: () => proxyWorld('nginx') },
};

async function dnsBindWorld(): Promise<DriverWorld> {
  const named = await startNamed({
    zones: [
      { zone: ZONE, text: RUNBOOK_ZONE, statements: 'allow-update { none; };' },
      { zone: REVERSE_ZONE, text: RUNBOOK_REVERSE, statements: 'allow-update { none; };' },
    ],
  });
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
  const stateDir = mkdtempSync(join(tmpdir(), 'holdfast-driver-'));
  const site = makeSite([endpoint], [localHost('dns1', named.address)]);
  return {
    endpoint,
    context: makeContext({ site, stateDir }),
    async restart() {
      await named.kill();
      await named.restart();
    },
    async [Symbol.asyncDispose]() {
      await named[Symbol.asyncDispose]();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

async function dnsUpdateWorld(): Promise<DriverWorld> {
  const key = makeTsigKey('holdfast', 'hmac-sha512');
  const statements = 'allow-update { key "holdfast"; };';
  const named = await startNamed({
    zones: [
      { zone: ZONE, text: RUNBOOK_ZONE, statements },
      { zone: REVERSE_ZONE, text: RUNBOOK_REVERSE, statements },
    ],
    keys: [key],
  });
  const config = dnsUpdateConfig.parse({
    server: named.address,
    port: named.port,
    zone: ZONE,
    reverse: [REVERSE_ZONE],
    key: { name: key.name, algorithm: key.algorithm, secret: 'env:KEY' },
  });
  const endpoint = makeEndpoint('dns-update', config);
  const stateDir = mkdtempSync(join(tmpdir(), 'holdfast-driver-'));
  return {
    endpoint,
    context: makeContext({ site: makeSite([endpoint]), stateDir, secrets: { 'env:KEY': key.secret } }),
    async restart() {
      await named.kill();
      await named.restart();
    },
    async [Symbol.asyncDispose]() {
      await named[Symbol.asyncDispose]();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

async function dnsEmbeddedWorld(): Promise<DriverWorld> {
  const config = dnsEmbeddedConfig.parse({ listen: ['127.0.0.1:0'], zone: ZONE, reverse: [REVERSE_ZONE] });
  const endpoint = makeEndpoint('dns-embedded', config);
  const stateDir = mkdtempSync(join(tmpdir(), 'holdfast-driver-'));
  const context = makeContext({ site: makeSite([endpoint]), stateDir });
  const serve = () => dnsEmbedded.serve?.(context, [endpoint]);
  let service = await serve();
  return {
    endpoint,
    context: { ...context, stateDir: join(stateDir, 'endpoints', endpoint.name) },
    async restart() {
      await service?.[Symbol.asyncDispose]();
      service = await serve();
    },
    async [Symbol.asyncDispose]() {
      await service?.[Symbol.asyncDispose]();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
