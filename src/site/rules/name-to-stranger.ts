import { defineReasons } from '../../base/reason.ts';
import { hostAt } from '../host-index.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'address-of-stranger': {
    en: "'{endpoint}' leads to {address}, which is host '{host}', and that is not one of its members",
    zh: '“{endpoint}”指向 {address}，即主机“{host}”，而它不是该端点的成员',
  },
  'make-member': {
    en: "Make '{host}' a member, or take {address} out of `addresses`.",
    zh: '请将“{host}”加入成员，或从 `addresses` 中删除 {address}。',
  },
});

/** An endpoint's own address belongs to a host that nobody watches. */
export const nameToStranger: Rule = {
  id: 'HF010',
  name: 'name-to-stranger',
  severity: 'error',
  title: { en: 'An endpoint leads to a host that is not its member', zh: '端点指向非成员主机' },
  explanation: {
    en: 'Clients would be sent to a machine that is never probed and that no failover can move them away from. Either it was meant to be a member, or the address is left over from an older installation.',
    zh: '客户端会被送往一台从未被探测、也无法通过故障切换撤离的机器。要么它本应是成员，要么该地址是旧环境遗留。',
  },
  reasons,
  *check(site) {
    for (const endpoint of site.endpoints.values()) {
      const members = new Set(endpoint.members.map((member) => member.host));
      for (const [index, address] of endpoint.addresses.entries()) {
        const host = hostAt(site, address);
        if (host === undefined || members.has(host)) continue;
        yield {
          path: ['endpoints', endpoint.name, 'addresses', index],
          because: reasons.of('address-of-stranger', { endpoint: endpoint.name, address, host }),
          hint: reasons.of('make-member', { host, address }),
        };
      }
    }
  },
};
