/**
 * `dns-bind`: edits the zone file of a BIND server over SSH, as the runbooks do by hand: smallest edit, serial raised,
 * checked before it replaces the old file, reloaded, asked for; put back where any of that fails.
 */
import { observeAt } from '../ask.ts';
import type { EndpointDriver } from '../driver.ts';
import { bindFacts, planBind } from './plan.ts';
import { publishToBind, serverOf } from './publish.ts';
import { dnsBindReasons } from './reasons.ts';
import { type DnsBindConfig, dnsBindConfig } from './schema.ts';

export const dnsBind: EndpointDriver<DnsBindConfig> = {
  name: 'dns-bind',
  summary: {
    en: 'Edits the zone file of a BIND server over SSH.',
    zh: '通过 SSH 编辑 BIND 服务器上的区域文件。',
  },
  config: dnsBindConfig,
  supports: { policies: ['failover', 'all-healthy'], manyMembers: true },
  rules: [],
  reasons: dnsBindReasons,
  stepKinds: [],
  facts: bindFacts,
  plan: planBind,
  publish: publishToBind,
  observe: (ctx, endpoint) => observeAt(ctx, endpoint, serverOf(ctx, endpoint)),
};
