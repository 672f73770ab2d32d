import { defineReasons } from '../../base/reason.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'weight-ignored': {
    en: "the weight of '{member}' does nothing under the policy {policy}",
    zh: '策略 {policy} 下“{member}”的权重不起作用',
  },
  'all-weights-zero': {
    en: "all members of '{endpoint}' have weight 0: no client would be sent anywhere",
    zh: '“{endpoint}”的所有成员权重都为 0：没有客户端会被分配',
  },
  'use-weighted': {
    en: 'Set `policy: weighted`, or remove the weight.',
    zh: '请设置 `policy: weighted`，或删除权重。',
  },
  'give-weight': {
    en: 'Give at least one member a weight above 0.',
    zh: '请至少给一个成员设置大于 0 的权重。',
  },
});

/** Weights that say something other than what happens. */
export const weights: Rule = {
  id: 'HF025',
  name: 'weights',
  severity: 'warning',
  title: { en: 'Weights without effect', zh: '权重不起作用' },
  explanation: {
    en: 'Only the policy `weighted` looks at weights. Under `failover` the order of members decides, under `all-healthy` all are equal: whoever reads the weights expects something else.',
    zh: '只有 `weighted` 策略使用权重。`failover` 由成员顺序决定，`all-healthy` 一视同仁：看到权重的人会产生错误的预期。',
  },
  reasons,
  *check(site) {
    for (const { name, policy, members } of site.endpoints.values()) {
      if (policy === 'weighted') {
        if (!members.every((member) => member.weight === 0)) continue;
        const because = reasons.of('all-weights-zero', { endpoint: name });
        yield { path: ['endpoints', name, 'members'], because, hint: reasons.of('give-weight') };
        continue;
      }
      for (const [index, member] of members.entries()) {
        if (member.weight === 1) continue;
        const because = reasons.of('weight-ignored', { member: member.name, policy });
        yield {
          path: ['endpoints', name, 'members', index, 'weight'],
          because,
          hint: reasons.of('use-weighted'),
        };
      }
    }
  },
};
