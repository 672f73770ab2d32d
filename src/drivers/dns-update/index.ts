/** `dns-update`: tells the zone's own primary server, whichever it is, by RFC 2136 updates signed with TSIG. */
import { observeAt } from '../ask.ts';
import type { EndpointDriver } from '../driver.ts';
import { nameOutsideZone } from '../name-outside-zone.ts';
import { reverseZoneMismatch } from '../reverse-zone-mismatch.ts';
import { unsupportedPolicy } from '../unsupported-policy.ts';
import { planUpdate } from './plan.ts';
import { publishByUpdate, serverOf } from './publish.ts';
import { dnsUpdateReasons } from './reasons.ts';
import { serverWithoutAddress } from './rules/server-without-address.ts';
import { type DnsUpdateConfig, dnsUpdateConfig } from './schema.ts';

const NAME = 'dns-update';
const policies = ['failover', 'all-healthy'] as const;

export const dnsUpdate: EndpointDriver<DnsUpdateConfig> = {
  name: NAME,
  summary: {
    en: 'Updates the zone’s own DNS server by RFC 2136, signed with TSIG.',
    zh: '通过 RFC 2136 动态更新（TSIG 签名）修改区域所在的 DNS 服务器。',
  },
  config: dnsUpdateConfig,
  supports: { policies, manyMembers: true },
  rules: [
    nameOutsideZone('HF120', NAME),
    unsupportedPolicy('HF121', NAME, policies),
    reverseZoneMismatch<DnsUpdateConfig>('HF122', NAME, ({ reverse }) => reverse),
    serverWithoutAddress,
  ],
  reasons: dnsUpdateReasons,
  stepKinds: [],
  facts: () => [],
  plan: planUpdate,
  publish: publishByUpdate,
  observe: (ctx, endpoint) => observeAt(ctx, endpoint, serverOf(ctx, endpoint)),
};
