import { defineReasons } from '../../base/reason.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'no-probes': {
    en: "nothing says when a member of '{endpoint}' is up: it has no probes and no stack stands behind it",
    zh: '无法判断“{endpoint}”的成员是否正常：既没有探测，其后也没有栈',
  },
  'add-probe': {
    en: 'Add `probes: [{ kind: tcp, port: 443 }]`, or a stack with `endpoint: {endpoint}`.',
    zh: '请添加 `probes: [{ kind: tcp, port: 443 }]`，或定义一个 `endpoint: {endpoint}` 的栈。',
  },
});

/** An endpoint whose members cannot be judged. */
export const noProbes: Rule = {
  id: 'HF031',
  name: 'no-probes',
  severity: 'error',
  title: { en: 'An endpoint without probes', zh: '端点没有探测' },
  explanation: {
    en: 'Failover is a decision about members that are up or down. Probes come from the endpoint itself or, where it names none, from the stack in front of which it stands.',
    zh: '故障切换取决于成员是否正常。探测来自端点自身；若未写，则来自其后的栈。',
  },
  reasons,
  *check(site) {
    const withStack = new Set([...site.stacks.values()].flatMap((stack) => stack.endpoint ?? []));
    for (const { name, probes } of site.endpoints.values()) {
      if (probes.length > 0 || withStack.has(name)) continue;
      yield {
        path: ['endpoints', name],
        because: reasons.of('no-probes', { endpoint: name }),
        hint: reasons.of('add-probe', { endpoint: name }),
      };
    }
  },
};
