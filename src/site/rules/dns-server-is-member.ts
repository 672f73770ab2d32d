import { defineReasons } from '../../base/reason.ts';
import { hostAt } from '../host-index.ts';
import type { Endpoint, Site } from '../model.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'dns-server-is-member': {
    en: "the name server of '{endpoint}' runs on '{host}', which is one of its members",
    zh: '“{endpoint}”的域名服务器运行在其成员“{host}”上',
  },
  'move-dns': {
    en: 'Run it on a third machine, or on several; at least not on the preferred member alone.',
    zh: '请将其放在第三台机器或多台机器上；至少不要只放在首选成员上。',
  },
});

const KEYS = ['server', 'servers', 'host', 'hosts', 'nameservers'] as const;

/** The failure that must be announced takes down what would announce it. */
export const dnsServerIsMember: Rule = {
  id: 'HF027',
  name: 'dns-server-is-member',
  severity: 'warning',
  title: { en: 'The name server runs on a member', zh: '域名服务器运行在成员上' },
  explanation: {
    en: 'When that member goes down, the name server that should lead clients away from it goes down with it: a single point of failure, hidden behind a highly available name.',
    zh: '该成员故障时，本应将客户端引向别处的域名服务器也一同故障：在高可用的域名背后隐藏着单点故障。',
  },
  reasons,
  *check(site) {
    for (const endpoint of site.endpoints.values()) {
      const members = new Set(endpoint.members.map((member) => member.host));
      for (const { key, host } of serversOf(site, endpoint)) {
        if (!members.has(host)) continue;
        yield {
          path: ['endpoints', endpoint.name, 'driver', key],
          because: reasons.of('dns-server-is-member', { endpoint: endpoint.name, host }),
          hint: reasons.of('move-dns'),
        };
      }
    }
  },
};

/** Hosts that a driver's settings name, by name or by address (with a port or without). */
function serversOf(site: Site, endpoint: Endpoint): { key: string; host: string }[] {
  const config = (endpoint.driver.config ?? {}) as Readonly<Record<string, unknown>>;
  return KEYS.flatMap((key) =>
    [config[key]].flat().flatMap((value) => {
      if (typeof value !== 'string') return [];
      const host = site.hosts.has(value) ? value : hostAt(site, value.replace(/^\[|\]?:\d+$|\]$/g, ''));
      return host === undefined ? [] : [{ key, host }];
    }),
  );
}
