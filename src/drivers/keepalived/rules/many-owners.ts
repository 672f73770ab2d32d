import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { endpointsOf } from '../../endpoints-of.ts';

const reasons = defineReasons({
  'keepalived/many-owners': {
    en: "'{endpoint}' asks for the policy {policy}, and an address has one owner at a time",
    zh: '“{endpoint}”使用策略 {policy}，而一个地址同一时刻只有一个持有者',
  },
  'keepalived/use-failover': {
    en: 'Use `policy: failover`; to spread clients over members, take the driver haproxy or nginx with the same address.',
    zh: '请使用 `policy: failover`；若要把客户端分散到多个成员，请以同一地址改用驱动 haproxy 或 nginx。',
  },
});

/** A policy that an address cannot follow. */
export const manyOwners: Rule = {
  id: 'HF201',
  name: 'many-owners',
  severity: 'error',
  title: { en: 'One address for several members at once', zh: '一个地址同时指向多个成员' },
  explanation: {
    en: 'VRRP elects one owner of an address; the other members get no client at all. What looks like load balancing in the file would be a failover pair in life.',
    zh: 'VRRP 为地址选出唯一持有者，其他成员不会得到任何客户端。文件中看似负载均衡，实际只是主备。',
  },
  reasons,
  *check(site) {
    for (const { name, policy } of endpointsOf(site, 'keepalived')) {
      if (policy === 'failover') continue;
      yield {
        path: ['endpoints', name, 'policy'],
        because: reasons.of('keepalived/many-owners', { endpoint: name, policy }),
        hint: reasons.of('keepalived/use-failover'),
      };
    }
  },
};
