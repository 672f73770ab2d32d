import { defineReasons } from '../base/reason.ts';
import type { PolicyName } from '../site/model.ts';
import type { Rule } from '../site/rule.ts';
import { endpointsOf } from './endpoints-of.ts';

const reasons = defineReasons({
  'driver/unsupported-policy': {
    en: 'the driver {driver} cannot do the policy {policy}',
    zh: '驱动 {driver} 不支持策略 {policy}',
  },
  'driver/use-policy': {
    en: 'Use one of: {policies}. For weights there is the driver dns-embedded.',
    zh: '请使用以下之一：{policies}。按权重分配可使用驱动 dns-embedded。',
  },
});

/** A policy that the records of the driver's server cannot express. @param id of the rule for this driver */
export function unsupportedPolicy(id: string, driver: string, policies: readonly PolicyName[]): Rule {
  return {
    id,
    name: `${driver}/unsupported-policy`,
    severity: 'error',
    title: { en: 'A policy that the driver cannot do', zh: '驱动不支持的策略' },
    explanation: {
      en: 'An RRset in an ordinary DNS server says which addresses there are, not how often each is to be given: weights would be silently ignored, and a machine meant for a tenth of the clients would get half of them.',
      zh: '普通 DNS 服务器的记录集只能说明有哪些地址，不能说明各地址的应答比例：权重会被悄悄忽略，本应承担十分之一客户端的机器会分到一半。',
    },
    reasons,
    *check(site) {
      for (const { name, policy } of endpointsOf(site, driver)) {
        if (policies.includes(policy)) continue;
        yield {
          path: ['endpoints', name, 'policy'],
          because: reasons.of('driver/unsupported-policy', { driver, policy }),
          hint: reasons.of('driver/use-policy', { policies: [...policies] }),
        };
      }
    },
  };
}
