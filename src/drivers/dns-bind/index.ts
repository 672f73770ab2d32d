/**
 * `dns-bind`: edits the zone file of a BIND server over SSH, as the runbooks do by hand: smallest edit, serial raised,
 * checked before it replaces the old file, reloaded, asked for; put back where any of that fails.
 */
import { observeAt } from '../ask.ts';
import type { EndpointDriver } from '../driver.ts';
import { nameOutsideZone } from '../name-outside-zone.ts';
import { reverseZoneMismatch } from '../reverse-zone-mismatch.ts';
import { unsupportedPolicy } from '../unsupported-policy.ts';
import { bindFacts, planBind } from './plan.ts';
import { publishToBind, serverOf } from './publish.ts';
import { dnsBindReasons } from './reasons.ts';
import { zoneInTwoFiles } from './rules/zone-in-two-files.ts';
import { type DnsBindConfig, dnsBindConfig } from './schema.ts';

const NAME = 'dns-bind';
const policies = ['failover', 'all-healthy'] as const;

export const dnsBind: EndpointDriver<DnsBindConfig> = {
  name: NAME,
  summary: {
    en: 'Edits the zone file of a BIND server over SSH.',
    zh: '通过 SSH 编辑 BIND 服务器上的区域文件。',
  },
  config: dnsBindConfig,
  supports: { policies, manyMembers: true },
  rules: [
    nameOutsideZone('HF130', NAME),
    unsupportedPolicy('HF131', NAME, policies),
    reverseZoneMismatch<DnsBindConfig>('HF132', NAME, ({ reverse }) => reverse.map(({ zone }) => zone)),
    zoneInTwoFiles,
  ],
  reasons: dnsBindReasons,
  stepKinds: [],
  facts: bindFacts,
  plan: planBind,
  publish: publishToBind,
  observe: (ctx, endpoint) => observeAt(ctx, endpoint, serverOf(ctx, endpoint)),
};
