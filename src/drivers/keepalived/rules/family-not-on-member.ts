import { isIP } from 'node:net';
import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { endpointsOf } from '../../endpoints-of.ts';

const reasons = defineReasons({
  'keepalived/family-not-on-member': {
    en: "'{endpoint}' moves {vip}, and its member '{host}' has no address of that family",
    zh: '“{endpoint}”漂移 {vip}，但其成员“{host}”没有同一协议族的地址',
  },
  'keepalived/give-family': {
    en: 'Write the address that the host has in that subnet among its `addresses`, or take it out of the members.',
    zh: '请将主机在该子网中的地址写入其 `addresses`，或将其移出成员。',
  },
});

/** A member to which the address can never move. */
export const familyNotOnMember: Rule = {
  id: 'HF206',
  name: 'family-not-on-member',
  severity: 'error',
  title: { en: 'A member outside the subnet of the VIP', zh: '成员不在 VIP 的子网内' },
  explanation: {
    en: 'An address works only in its subnet. A host that speaks only the other family is in no subnet with it: a failover to it would make the address unreachable. (Whether the subnet itself fits is known from the host, when a plan is made.)',
    zh: '地址只能在其子网内使用。只有另一协议族地址的主机不在该子网内：切换到它会使地址不可达。（子网本身是否匹配，在生成计划时根据主机实际情况判断。）',
  },
  reasons,
  *check(site) {
    for (const { name, addresses, members } of endpointsOf(site, 'keepalived')) {
      const [vip] = addresses;
      if (vip === undefined) continue;
      for (const [index, member] of members.entries()) {
        const own = [member.address, ...(site.hosts.get(member.host)?.addresses ?? [])].filter(
          (one) => isIP(one) !== 0,
        );
        if (own.length === 0 || own.some((one) => isIP(one) === isIP(vip))) continue;
        yield {
          path: ['endpoints', name, 'members', index],
          because: reasons.of('keepalived/family-not-on-member', { endpoint: name, vip, host: member.host }),
          hint: reasons.of('keepalived/give-family'),
        };
      }
    }
  },
};
