import { defineReasons } from '../../base/reason.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'single-member': {
    en: "'{endpoint}' has one member: when '{member}' is down, there is nowhere to go",
    zh: '“{endpoint}”只有一个成员：“{member}”故障时无处可切',
  },
  'add-standby': { en: 'Add a standby to `members`.', zh: '请在 `members` 中添加备用节点。' },
});

/** An endpoint that cannot fail over. */
export const singleMember: Rule = {
  id: 'HF017',
  name: 'single-member',
  severity: 'warning',
  title: { en: 'An endpoint with one member', zh: '端点只有一个成员' },
  explanation: {
    en: 'The stable name is useful from the first day, but with a single member behind it nothing is highly available yet.',
    zh: '稳定的名称从第一天起就有用，但其后只有一个成员时还谈不上高可用。',
  },
  reasons,
  *check(site) {
    // A member that is reached at another endpoint's address stands for all members of that one.
    const moving = new Set([...site.endpoints.values()].flatMap(({ addresses }) => addresses));
    for (const { name, members } of site.endpoints.values()) {
      const [only, second] = members;
      if (only === undefined || second !== undefined || moving.has(only.address)) continue;
      yield {
        path: ['endpoints', name, 'members'],
        because: reasons.of('single-member', { endpoint: name, member: only.name }),
        hint: reasons.of('add-standby'),
      };
    }
  },
};
