import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { artifactsOf } from './artifacts-of.ts';

const reasons = defineReasons({
  'artifacts/no-endpoint': {
    en: "no endpoint stands in front of '{stack}': clients would have to name one of its hosts",
    zh: '“{stack}”前面没有端点：客户端只能直接写某一台主机',
  },
  'artifacts/one-member': {
    en: "'{endpoint}' in front of '{stack}' has the one member '{member}': when it is down, nothing can be pulled",
    zh: '“{stack}”前面的端点“{endpoint}”只有一个成员“{member}”：它一旦故障，任何内容都无法拉取',
  },
  'artifacts/add-endpoint': {
    en: 'Add `endpoint: <name>`, an endpoint whose members are the preferred and the standby host.',
    zh: '请添加 `endpoint: <名称>`，该端点的成员为首选主机和备用主机。',
  },
  'artifacts/add-member': {
    en: "Add a standby to the members of '{endpoint}'.",
    zh: '请在“{endpoint}”的成员中添加一台备用主机。',
  },
});

/** Nothing to fail over to. */
export const artifactsWithoutEndpoint: Rule = {
  id: 'HF301',
  name: 'artifacts-without-endpoint',
  severity: 'warning',
  title: {
    en: 'An artifacts stack that cannot fail over',
    zh: '无法进行故障切换的制品栈',
  },
  explanation: {
    en: 'The point of a standby bootstrap node is one name that leads to whichever host is well. Without an endpoint, or with a single member behind it, every containerd, kubelet and Helm client is bound to one machine: when that is down, no node can be added, no pod rescheduled to a node that lacks its image, no chart installed.',
    zh: '备用火种节点的意义在于用同一个名称指向当前正常的主机。没有端点，或端点后只有一个成员时，所有 containerd、kubelet 和 Helm 客户端都绑定在一台机器上：它一旦故障，就无法添加节点，Pod 无法调度到没有镜像的节点，也无法安装 chart。',
  },
  reasons,
  *check(site) {
    for (const { stack, endpoint } of artifactsOf(site)) {
      if (endpoint === undefined) {
        yield {
          path: ['stacks', stack.name],
          because: reasons.of('artifacts/no-endpoint', { stack: stack.name }),
          hint: reasons.of('artifacts/add-endpoint'),
        };
        continue;
      }
      const [member, second] = endpoint.members;
      if (member === undefined || second !== undefined) continue;
      const names = { stack: stack.name, endpoint: endpoint.name, member: member.name };
      yield {
        path: ['stacks', stack.name, 'endpoint'],
        because: reasons.of('artifacts/one-member', names),
        hint: reasons.of('artifacts/add-member', { endpoint: endpoint.name }),
      };
    }
  },
};
