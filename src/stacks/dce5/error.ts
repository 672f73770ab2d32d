import { defineErrors } from '../../base/error-table.ts';
import { HoldfastError } from '../../base/errors.ts';

/** What can go wrong around the vendor's installer. */
export const dce5Errors = defineErrors({
  'dce5/no-endpoint': {
    en: {
      what: 'The stack has no endpoint with a name and two members, so nobody knows which node is the original.',
      mend: 'Give the stack an `endpoint` with a `name` and two members: the original first, then the standby.',
    },
    zh: {
      what: '该栈没有带名称且有两个成员的端点，无法得知哪个节点是原火种节点。',
      mend: '请为该栈配置 `endpoint`，该端点须有 `name` 和两个成员：先写原火种节点，再写备用节点。',
    },
  },
  'dce5/bad-config': {
    en: {
      what: 'The clusterConfig.yaml on the host cannot be edited: it is no YAML, not of the version that is known, or written in a form that an edit would break (an alias, a block of text).',
      mend: 'Correct it by hand as the hint says; Holdfast does not guess at a file of another form.',
    },
    zh: {
      what: '无法编辑主机上的 clusterConfig.yaml：它不是 YAML、版本未知，或采用了编辑会破坏的写法（别名、文本块）。',
      mend: '请按提示手工修正；对其他形式的文件，Holdfast 不做猜测。',
    },
  },
  'dce5/copy-differs': {
    en: {
      what: 'Files of the package differ between the two hosts after they were copied; those were removed again.',
      mend: 'Run `holdfast resume`: only those are copied again. Where it happens again, check the disk of both hosts.',
    },
    zh: {
      what: '复制之后，两台主机上的部分软件包文件不一致；这些文件已被删除。',
      mend: '请执行 `holdfast resume`：只会重新复制这些文件。若再次出现，请检查两台主机的磁盘。',
    },
  },
  'dce5/not-ready': {
    en: {
      what: 'What the installer needs on the host is not there.',
      mend: 'Do what the hint says on that host, then run `holdfast resume`.',
    },
    zh: {
      what: '主机尚不具备安装器所需的条件。',
      mend: '请按提示在该主机上处理，然后执行 `holdfast resume`。',
    },
  },
  'dce5/installer-failed': {
    en: {
      what: "The vendor's installer ended with an error.",
      mend: 'Read its log on the host (the error names it), correct the cause, then run `holdfast resume`: it runs again.',
    },
    zh: {
      what: '厂商安装器执行出错。',
      mend: '请查看主机上的安装日志（错误信息中有路径），排除原因后执行 `holdfast resume`，安装器会再次运行。',
    },
  },
  'dce5/hosts-file-changed': {
    en: {
      what: 'The installer changed /etc/hosts: the name did not lead to the node while it ran, and would now stay there.',
      mend: 'Run `holdfast apply`: it takes the line out again. Find out why the name moved while the installer ran.',
    },
    zh: {
      what: '安装器改写了 /etc/hosts：它运行期间域名没有指向该节点，今后该节点将不再理会 DNS。',
      mend: '请执行 `holdfast apply`，它会删除该行；并查明安装期间域名为何发生变化。',
    },
  },
  'dce5/name-elsewhere': {
    en: {
      what: 'The name does not lead to the original node, and an upgrade in name mode would change its /etc/hosts.',
      mend: 'Bring the name back first: `holdfast failback`. Then upgrade.',
    },
    zh: {
      what: '域名没有指向原火种节点，此时以域名模式升级会改写其 /etc/hosts。',
      mend: '请先切回：`holdfast failback`，然后再升级。',
    },
  },
});

/** A failure of, or around, the vendor's installer. */
export class Dce5Error extends HoldfastError<keyof typeof dce5Errors> {}
