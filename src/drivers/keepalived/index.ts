/**
 * `keepalived`: an address that moves between the members by VRRP. The hosts fail over by themselves; Holdfast lays out
 * what they need for it, moves the address on purpose, and sees who owns it.
 */
import { joinReasons } from '../../base/reason.ts';
import type { EndpointDriver } from '../driver.ts';
import { auditReasons } from '../vrrp-audit-reasons.ts';
import { vrrpFindings } from '../vrrp-findings.ts';
import { groupOf } from '../vrrp-group.ts';
import { noAddress } from '../vrrp-no-address.ts';
import { paceRules } from '../vrrp-pace-rules.ts';
import { observeOwner, publishOwner } from '../vrrp-publish.ts';
import { vrrpReasons } from '../vrrp-reasons.ts';
import { planVrrp, vrrpFacts } from '../vrrp-steps.ts';
import { blindHealth } from './rules/blind-health.ts';
import { familyNotOnMember } from './rules/family-not-on-member.ts';
import { manyOwners } from './rules/many-owners.ts';
import { type KeepalivedConfig, keepalivedConfig } from './schema.ts';
import { vipFree } from './steps/vip-free.ts';
import { vipOwner } from './steps/vip-owner.ts';

const NAME = 'keepalived';
const policies = ['failover'] as const;

export const keepalived: EndpointDriver<KeepalivedConfig> = {
  name: NAME,
  summary: {
    en: 'Moves an address between the members by VRRP; the hosts fail over by themselves.',
    zh: '通过 VRRP 在成员之间漂移地址；主机自行完成故障切换。',
  },
  config: keepalivedConfig,
  supports: { policies, manyMembers: false, keepsTtl: false, hostsDecide: true },
  rules: [noAddress, manyOwners, ...paceRules, familyNotOnMember, blindHealth],
  reasons: joinReasons(vrrpReasons, auditReasons),
  stepKinds: [vipFree, vipOwner],
  facts: (_site, endpoint) => vrrpFacts(endpoint.members.map((member) => member.host)),
  plan(site, endpoint, facts) {
    const { members, driver } = endpoint;
    const group = groupOf(
      site,
      endpoint,
      members.map((member) => member.host),
      facts,
    );
    if (group === undefined) return [];
    return planVrrp(site, group, facts, {
      process: driver.config.process,
      bindsAhead: driver.config.bindAhead,
      health: ({ host }) => ({
        own: members.find((member) => member.host === host)?.address ?? '127.0.0.1',
        peers: members.filter((member) => member.host !== host).map((member) => member.address),
      }),
    });
  },
  findings: (site, { members }, facts) =>
    vrrpFindings(
      site,
      members.map((member) => member.host),
      facts,
    ),
  publish: publishOwner,
  observe: observeOwner,
};
