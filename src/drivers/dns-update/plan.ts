import { isIP } from 'node:net';
import type { Step } from '../../engine/step.ts';
import type { ProbeStepArgs } from '../../engine/steps/probe.ts';
import type { DnsArgs } from '../../probes/dns.ts';
import type { Endpoint, Site } from '../../site/model.ts';
import { dnsUpdateReasons as reasons } from './reasons.ts';
import type { DnsUpdateConfig } from './schema.ts';

const DEADLINE_MS = 30_000;

/**
 * The server belongs to somebody else, so nothing is changed on it before the first answer is published: the plan only
 * makes sure, for each zone, that it is in charge.
 */
export function planUpdate(site: Site, endpoint: Endpoint<DnsUpdateConfig>): Step[] {
  const { server, port, zone, reverse } = endpoint.driver.config;
  const address = site.hosts.get(server)?.address ?? server;
  if (isIP(address) === 0) return [];
  return [zone, ...reverse].map(
    (name): Step<ProbeStepArgs> => ({
      id: `${endpoint.name}/zone-${name}`,
      kind: 'probe',
      args: {
        probe: 'dns',
        args: {
          port,
          query: name,
          type: 'SOA',
          protocol: 'udp',
          recurse: false,
          rcode: 'NOERROR',
          compare: 'exact',
          authoritative: true,
        } satisfies DnsArgs,
        target: { member: server, address },
        deadlineMs: DEADLINE_MS,
        intervalMs: 1_000,
        timeoutMs: 3_000,
      },
      needs: [],
      why: reasons.of('dns-update/server-in-charge', { endpoint: endpoint.name, zone: name }),
      from: site.where(['endpoints', endpoint.name, 'driver']),
    }),
  );
}
