import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { artifactsOf } from './artifacts-of.ts';

const reasons = defineReasons({
  'artifacts/active-active': {
    en: "'{endpoint}' sends clients to all members of '{stack}' at once ({policy}), but what is pushed to one is not on the others",
    zh: '“{endpoint}”同时把客户端送往“{stack}”的所有成员（{policy}），但推送到其中一个的内容并不在其他成员上',
  },
  'artifacts/use-failover': {
    en: 'Use `policy: failover`, the default.',
    zh: '请使用默认的 `policy: failover`。',
  },
});

/** Members that are answered at the same time though their content may differ. */
export const activeActive: Rule = {
  id: 'HF306',
  name: 'active-active',
  severity: 'warning',
  title: { en: 'Artifact servers answered in turn', zh: '制品服务器被轮流应答' },
  explanation: {
    en: 'Each bootstrap node has its own storage. With round robin one client finds an image and the next gets "manifest unknown", and a multi-request push ends up half on each. Parity is asked before a failback only; it cannot keep members equal that all take writes.',
    zh: '每个火种节点都有各自的存储。轮询时，一个客户端能找到镜像，下一个却得到“manifest unknown”；由多个请求组成的推送会被拆到不同成员上。内容一致性只在回切前检查，无法让同时接受写入的成员保持一致。',
  },
  reasons,
  *check(site) {
    for (const { stack, endpoint } of artifactsOf(site)) {
      if (endpoint === undefined || endpoint.policy === 'failover' || endpoint.members.length < 2) continue;
      const params = { endpoint: endpoint.name, stack: stack.name, policy: endpoint.policy };
      yield {
        path: ['endpoints', endpoint.name, 'policy'],
        because: reasons.of('artifacts/active-active', params),
        hint: reasons.of('artifacts/use-failover'),
      };
    }
  },
};
