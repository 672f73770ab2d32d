import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';

const reasons = defineReasons({
  'dce5/no-artifacts': {
    en: "nothing compares what the nodes of '{stack}' hold: no artifacts stack stands behind '{endpoint}'",
    zh: '没有任何机制比较“{stack}”各节点的内容：端点“{endpoint}”之后没有 artifacts 栈',
  },
  'dce5/add-artifacts': {
    en: 'Add `bootstrap: { kind: artifacts, endpoint: {endpoint} }` below it.',
    zh: '请在其后添加 `bootstrap: { kind: artifacts, endpoint: {endpoint} }`。',
  },
});

/** An installer without the stack that verifies what it installed. */
export const dce5WithoutArtifacts: Rule = {
  id: 'HF330',
  name: 'dce5-without-artifacts',
  severity: 'warning',
  title: { en: 'Installed, but never verified', zh: '只安装，不验证' },
  explanation: {
    en: 'The dce5 stack runs the installer and looks at certificates. That images, files and charts answer, and that the original holds everything the standby took meanwhile before it leads again, is asked by an artifacts stack behind the same endpoint. Without it a failback may lead to a node that lacks what was pushed during the failure.',
    zh: 'dce5 栈只运行安装器并检查证书。镜像、文件与 chart 是否可用，以及切回前原火种节点是否具备备用节点在故障期间收到的全部内容，由同一端点后的 artifacts 栈检查。缺少它时，切回后的节点可能缺少故障期间推送的内容。',
  },
  reasons,
  *check(site) {
    const stacks = [...site.stacks.values()];
    for (const { name: stack, endpoint } of stacks.filter(({ kind }) => kind === 'dce5')) {
      if (endpoint === undefined) continue;
      if (stacks.some((other) => other.kind === 'artifacts' && other.endpoint === endpoint)) continue;
      yield {
        path: ['stacks', stack],
        because: reasons.of('dce5/no-artifacts', { stack, endpoint }),
        hint: reasons.of('dce5/add-artifacts', { endpoint }),
      };
    }
  },
};
