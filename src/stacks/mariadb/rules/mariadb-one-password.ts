import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { mariadbOf } from './mariadb-of.ts';

const reasons = defineReasons({
  'mariadb/same-password': {
    en: '{first} and {second} have the same password ({reference})',
    zh: '{first} 与 {second} 使用同一个密码（{reference}）',
  },
  'mariadb/own-password': {
    en: 'Give each account a password of its own.',
    zh: '请为每个账号设置各自的密码。',
  },
});

/** The runbook's "for convenience". */
export const mariadbOnePassword: Rule = {
  id: 'HF402',
  name: 'mariadb-one-password',
  severity: 'warning',
  title: { en: 'One password for several accounts', zh: '多个账号共用一个密码' },
  explanation: {
    en: 'The runbook gives the replication account, root and the platform one password "for convenience". It then stands in the configuration of every platform component, and whoever reads one of them can read, as the replication account, everything that is written.',
    zh: '运行手册“为了方便”让复制账号、root 与平台共用一个密码。该密码会出现在每个平台组件的配置中，看到其中任何一份的人都能以复制账号读取全部写入内容。',
  },
  reasons,
  *check(site) {
    for (const { name, spec } of mariadbOf(site)) {
      const used: [key: string, reference: string | undefined][] = [
        ['replication', spec.replication.password],
        ['platform', spec.platform?.password],
        ['monitor', spec.monitor?.password],
        ['rootPassword', spec.rootPassword],
      ];
      for (const [at, [second, reference]] of used.entries()) {
        const [first] = used.slice(0, at).find((other) => other[1] === reference) ?? [];
        if (reference === undefined || first === undefined) continue;
        const path = ['stacks', name, second, ...(second === 'rootPassword' ? [] : ['password'])];
        const because = reasons.of('mariadb/same-password', { first, second, reference });
        yield { path, because, hint: reasons.of('mariadb/own-password') };
      }
    }
  },
};
