import { isIP } from 'node:net';
import { defineReasons } from '../base/reason.ts';
import { reverseName } from '../dns/resolve.ts';
import type { Rule } from '../site/rule.ts';
import { endpointsOf } from './endpoints-of.ts';
import { isInZone } from './zone-field.ts';

const reasons = defineReasons({
  'dns/reverse-zone-of-nobody': {
    en: 'no member has its address in the reverse zone {zone}',
    zh: '没有任何成员的地址位于反向区域 {zone}',
  },
  'dns/member-without-reverse': {
    en: "the address {address} of member '{member}' lies in none of the reverse zones",
    zh: '成员“{member}”的地址 {address} 不在任何反向区域内',
  },
  'dns/reverse-zone-form': {
    en: 'The PTR record of {address} would stand at {owner}: name the zone that holds it.',
    zh: '{address} 的 PTR 记录应位于 {owner}：请填写包含它的区域。',
  },
});

/**
 * Reverse zones that do not fit the members: the runbook's own zone file points 201 at a name that leads to 193.
 *
 * @param id of the rule for this driver
 * @param zonesOf the reverse zones of a configuration
 */
export function reverseZoneMismatch<C>(
  id: string,
  driver: string,
  zonesOf: (config: C) => readonly string[],
): Rule {
  return {
    id,
    name: `${driver}/reverse-zone-mismatch`,
    severity: 'warning',
    title: { en: 'Reverse zones that do not fit the members', zh: '反向区域与成员不匹配' },
    explanation: {
      en: 'Where forward and reverse lookups disagree, logs name the wrong machine, and software that checks both (SSH, Kerberos, mail) delays or refuses connections. Either no reverse zone is kept, or all members have their PTR records in one.',
      zh: '正向与反向解析不一致时，日志会记录错误的机器，且会同时校验两者的软件（SSH、Kerberos、邮件）会延迟或拒绝连接。要么不维护反向区域，要么让所有成员都有 PTR 记录。',
    },
    reasons,
    *check(site) {
      for (const { name, members, driver: used } of endpointsOf<C>(site, driver)) {
        const zones = zonesOf(used.config);
        if (zones.length === 0) continue;
        const owners = members
          .filter(({ address }) => isIP(address) !== 0)
          .map((member) => ({ ...member, owner: reverseName(member.address) }));
        for (const [index, zone] of zones.entries()) {
          const [first] = owners;
          if (first === undefined || owners.some(({ owner }) => isInZone(owner, zone))) continue;
          const because = reasons.of('dns/reverse-zone-of-nobody', { zone });
          const hint = reasons.of('dns/reverse-zone-form', { address: first.address, owner: first.owner });
          yield { path: ['endpoints', name, 'driver', 'reverse', index], because, hint };
        }
        for (const { name: member, address, owner } of owners) {
          if (zones.some((zone) => isInZone(owner, zone))) continue;
          const because = reasons.of('dns/member-without-reverse', { member, address });
          const hint = reasons.of('dns/reverse-zone-form', { address, owner });
          yield { path: ['endpoints', name, 'driver', 'reverse'], because, hint };
        }
      }
    },
  };
}
