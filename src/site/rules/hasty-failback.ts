import { formatDuration } from '../../base/duration.ts';
import { defineReasons } from '../../base/reason.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'failback-without-parity': {
    en: "'{endpoint}' fails back by itself, but no stack says whether the original holds what the standby holds",
    zh: '“{endpoint}”会自动回切，但没有栈能判断原主节点是否具备备用节点上的全部数据',
  },
  'failback-too-soon': {
    en: "'{endpoint}' fails back after {after} of being well; a node that reboots again and again is well for that long",
    zh: '“{endpoint}”在恢复 {after} 后就回切；反复重启的节点也能正常这么久',
  },
  'name-stack': {
    en: 'Put a stack with `endpoint: {endpoint}` behind it, or set `failback: manual`.',
    zh: '请定义一个 `endpoint: {endpoint}` 的栈，或设置 `failback: manual`。',
  },
  'wait-longer': {
    en: 'Wait at least {least}: `failback: { after: 10m }`.',
    zh: '至少等待 {least}：`failback: { after: 10m }`。',
  },
});

/** A node that boots, serves for a moment and crashes again should not take the clients with it. */
const LEAST_MS = 60_000;

/** The way back is taken before it is known to be good. */
export const hastyFailback: Rule = {
  id: 'HF020',
  name: 'hasty-failback',
  severity: 'warning',
  title: { en: 'Failback without parity or too soon', zh: '未校验一致性或过早回切' },
  explanation: {
    en: 'After a failover the standby has gone on alone: images were pushed to it, charts uploaded. Going back before the original has them makes them vanish for clients; going back to a machine that is only just up means a second outage if it falls again.',
    zh: '故障切换后备用节点独自运行，期间可能有新镜像推送、新 Chart 上传。在原主节点补齐之前回切，这些内容对客户端会消失；回切到刚刚恢复的机器，一旦再次故障就是第二次中断。',
  },
  reasons,
  *check(site) {
    const withStack = new Set([...site.stacks.values()].flatMap((stack) => stack.endpoint ?? []));
    for (const { name, policy, failback } of site.endpoints.values()) {
      if (policy !== 'failover' || failback.mode !== 'auto') continue;
      if (!withStack.has(name)) {
        const because = reasons.of('failback-without-parity', { endpoint: name });
        yield {
          path: ['endpoints', name, 'failback'],
          because,
          hint: reasons.of('name-stack', { endpoint: name }),
        };
      }
      if (failback.afterMs < LEAST_MS) {
        const because = reasons.of('failback-too-soon', {
          endpoint: name,
          after: formatDuration(failback.afterMs),
        });
        const hint = reasons.of('wait-longer', { least: formatDuration(LEAST_MS) });
        yield { path: ['endpoints', name, 'failback', 'after'], because, hint };
      }
    }
  },
};
