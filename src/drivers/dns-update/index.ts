/** `dns-update`: tells the zone's own primary server, whichever it is, by RFC 2136 updates signed with TSIG. */
import { observeAt } from '../ask.ts';
import type { EndpointDriver } from '../driver.ts';
import { publishByUpdate, serverOf } from './publish.ts';
import { dnsUpdateReasons } from './reasons.ts';
import { type DnsUpdateConfig, dnsUpdateConfig } from './schema.ts';

export const dnsUpdate: EndpointDriver<DnsUpdateConfig> = {
  name: 'dns-update',
  summary: {
    en: 'Updates the zone’s own DNS server by RFC 2136, signed with TSIG.',
    zh: '通过 RFC 2136 动态更新(TSIG 签名)修改区域所在的 DNS 服务器。',
  },
  config: dnsUpdateConfig,
  supports: { policies: ['failover', 'all-healthy'], manyMembers: true },
  rules: [],
  reasons: dnsUpdateReasons,
  stepKinds: [],
  facts: () => [],
  plan: () => [],
  publish: publishByUpdate,
  observe: (ctx, endpoint) => observeAt(ctx, endpoint, serverOf(ctx, endpoint)),
};
