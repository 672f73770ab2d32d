import { defineReasons } from '../../base/reason.ts';
import { isIpAddress } from '../address.ts';
import { hostAt } from '../host-index.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'address-of-other-host': {
    en: "the address {address} of member '{member}' is that of host '{host}'",
    zh: '成员“{member}”的地址 {address} 属于主机“{host}”',
  },
  'address-is-no-ip': {
    en: "member '{member}' has the address '{address}', and a DNS answer needs an IP address",
    zh: '成员“{member}”的地址是“{address}”，而 DNS 应答需要 IP 地址',
  },
  'correct-address': {
    en: "Correct it, or name '{host}' as the member.",
    zh: '请更正地址，或将成员改为“{host}”。',
  },
  'give-ip': {
    en: 'Give it one: `{ host: {member}, address: 192.0.2.10 }`.',
    zh: '请指定：`{ host: {member}, address: 192.0.2.10 }`。',
  },
});

/** What is probed and answered is not the member. */
export const memberAddress: Rule = {
  id: 'HF032',
  name: 'member-address',
  severity: 'error',
  title: { en: 'A member with an address that is not its own', zh: '成员的地址不属于它' },
  explanation: {
    en: 'Probes and answers go to the address of a member, changes to its host. If the address belongs to another host, one machine is judged and another one is repaired. A name instead of an address cannot stand in an A or AAAA record.',
    zh: '探测和应答使用成员的地址，变更则作用于其主机。若地址属于另一台主机，就会出现“判断的是一台，修的是另一台”。A/AAAA 记录中也不能填写域名。',
  },
  reasons,
  *check(site) {
    for (const { name: endpoint, dnsName, members } of site.endpoints.values()) {
      for (const [index, { name: member, host, address }] of members.entries()) {
        const path = ['endpoints', endpoint, 'members', index, 'address'];
        const owner = site.hosts.get(host)?.addresses.includes(address) ? undefined : hostAt(site, address);
        if (owner !== undefined && owner !== host) {
          const because = reasons.of('address-of-other-host', { member, address, host: owner });
          yield { path, because, hint: reasons.of('correct-address', { host: owner }) };
        }
        if (dnsName !== undefined && !isIpAddress(address)) {
          const because = reasons.of('address-is-no-ip', { member, address });
          yield { path, because, hint: reasons.of('give-ip', { member }) };
        }
      }
    }
  },
};
