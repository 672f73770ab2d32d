/**
 * `dns-embedded`: the watcher answers DNS itself. No other server takes part in a failover, so a client gets the new
 * answer as soon as it is decided and its TTL has run out.
 */
import { sep } from 'node:path';
import type { Endpoint } from '../../site/model.ts';
import { type DnsServer, observeAt } from '../ask.ts';
import type { DriverContext, EndpointDriver } from '../driver.ts';
import { nameOutsideZone } from '../name-outside-zone.ts';
import { reverseZoneMismatch } from '../reverse-zone-mismatch.ts';
import { DnsEmbeddedError } from './error.ts';
import { loopbackOnly } from './rules/loopback-only.ts';
import { nameServerWithoutAddress } from './rules/name-server-without-address.ts';
import { portNobodyAsks } from './rules/port-nobody-asks.ts';
import { zoneSettingsDiffer } from './rules/zone-settings-differ.ts';
import { type DnsEmbeddedConfig, dnsEmbeddedConfig } from './schema.ts';
import { type EmbeddedService, startService } from './service.ts';

const NAME = 'dns-embedded';

/** The driver. Services that run in this process are known to it, so that `publish` finds the one it belongs to. */
export function makeDnsEmbedded(): EndpointDriver<DnsEmbeddedConfig> {
  const running = new Set<EmbeddedService>();
  const serviceOf = (ctx: DriverContext, endpoint: Endpoint): EmbeddedService | undefined =>
    [...running].find((service) => service.serves(endpoint) && isInside(ctx.stateDir, service.stateDir));
  return {
    name: NAME,
    summary: {
      en: 'Answers DNS from the watcher itself.',
      zh: '由监视进程自身直接应答 DNS。',
    },
    config: dnsEmbeddedConfig,
    supports: { policies: ['failover', 'all-healthy', 'weighted'], manyMembers: true },
    rules: [
      nameOutsideZone('HF110', NAME),
      reverseZoneMismatch<DnsEmbeddedConfig>('HF111', NAME, ({ reverse }) => reverse),
      loopbackOnly,
      zoneSettingsDiffer,
      nameServerWithoutAddress,
      portNobodyAsks,
    ],
    reasons: {},
    stepKinds: [],
    facts: () => [],
    plan: () => [],
    async serve(ctx, endpoints) {
      const service = await startService(ctx, endpoints, (stopped) => running.delete(stopped));
      running.add(service);
      return service;
    },
    async publish(ctx, endpoint, answer) {
      const service = serviceOf(ctx, endpoint);
      if (service === undefined) throw notServing(endpoint);
      return service.publish(ctx, endpoint, answer);
    },
    async observe(ctx, endpoint) {
      const service = serviceOf(ctx, endpoint);
      const observed = await observeAt(ctx, endpoint, service?.address ?? configuredAddress(endpoint));
      return service?.isPublished(endpoint) === false ? { ...observed, unpublished: true } : observed;
    },
  };
}

export const dnsEmbedded = makeDnsEmbedded();

function isInside(folder: string, parent: string): boolean {
  return folder === parent || folder.startsWith(parent.endsWith(sep) ? parent : parent + sep);
}

/** Where the watcher of another process answers: a wildcard includes the loopback address. */
function configuredAddress(endpoint: Endpoint<DnsEmbeddedConfig>): DnsServer {
  const { address, port } = endpoint.driver.config.listen[0] as DnsServer;
  const loopback: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  return { address: loopback[address] ?? address, port };
}

function notServing(endpoint: Endpoint): DnsEmbeddedError {
  return new DnsEmbeddedError({
    code: 'dns-embedded/not-serving',
    message: `endpoint ${endpoint.name}: no watcher answers for it in this process`,
    expected: 'a running `holdfast watch`, whose DNS server answers for the endpoint',
    got: 'none',
    hint: 'Start `holdfast watch`; it publishes what was decided as soon as it runs.',
  });
}
