import { defineReasons } from '../../base/reason.ts';
import { canonicalAddress } from '../address.ts';
import { hostsByAddress } from '../host-index.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'vip-is-host': {
    en: "the address {address} of '{endpoint}' is that of its member '{host}'",
    zh: '“{endpoint}”的地址 {address} 就是其成员“{host}”的地址',
  },
  'free-address': {
    en: 'Take a free address of the same segment; with DNS alone, leave `addresses` out.',
    zh: '请使用同一网段的空闲地址；若仅用 DNS，请省略 `addresses`。',
  },
});

/** A floating address that cannot float. */
export const vipIsHost: Rule = {
  id: 'HF024',
  name: 'vip-is-host',
  severity: 'error',
  title: { en: 'A VIP that is a host’s own address', zh: 'VIP 与主机地址相同' },
  explanation: {
    en: 'A virtual address moves between members. If it is the fixed address of one of them, it answers twice after a failover (the standby takes it, the original boots with it), and SSH to the member may reach the other one.',
    zh: '虚拟地址应在成员之间漂移。若它是某个成员的固定地址，切换后会出现两处应答（备用接管，原主启动后又带着它），SSH 连接该成员时也可能连到另一台。',
  },
  reasons,
  *check(site) {
    for (const endpoint of site.endpoints.values()) {
      const members = new Set(endpoint.members.map((member) => member.host));
      for (const [index, address] of endpoint.addresses.entries()) {
        const owners = hostsByAddress(site).get(canonicalAddress(address)) ?? [];
        const owner = owners.find((host) => members.has(host.name));
        if (owner === undefined) continue;
        yield {
          path: ['endpoints', endpoint.name, 'addresses', index],
          because: reasons.of('vip-is-host', { endpoint: endpoint.name, address, host: owner.name }),
          hint: reasons.of('free-address'),
        };
      }
    }
  },
};
