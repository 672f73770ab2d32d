import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { findPair } from '../pair.ts';
import { mariadbOf } from './mariadb-of.ts';

const reasons = defineReasons({
  'mariadb/witness-is-member': {
    en: "the witness '{host}' is one of the two: it dies and is cut off together with that node",
    zh: '见证主机“{host}”是两节点之一：它会与该节点一同宕机、一同被隔离',
  },
  'mariadb/witness-is-local': {
    en: "the witness '{host}' is reached without SSH: the nodes could not ask it",
    zh: '见证主机“{host}”不经 SSH 访问：两节点无法询问它',
  },
  'mariadb/give-third': {
    en: 'Name a third host of the site, best one in a third rack; or take `witness` out.',
    zh: '请填写站点中的第三台主机，最好位于第三个机柜；或去掉 `witness`。',
  },
});

/** A witness that fails together with one of those between whom it decides. */
export const mariadbWitnessThird: Rule = {
  id: 'HF404',
  name: 'mariadb-witness-third',
  severity: 'error',
  title: { en: 'A witness that is no third host', zh: '见证主机不是第三台主机' },
  explanation: {
    en: 'The witness decides which of two nodes that cannot see each other goes on. On one of the two it always decides for that one while it lives, and for nobody when it dies: worse than no witness at all.',
    zh: '两节点互不可见时，由见证主机裁定谁继续。若它就在其中一个节点上：节点存活时永远裁定给自己，节点宕机时谁也得不到裁定，比没有见证主机更糟。',
  },
  reasons,
  *check(site) {
    for (const stack of mariadbOf(site)) {
      const { witness } = stack.spec;
      if (witness === undefined) continue;
      const isMember = findPair(site, stack)?.nodes.some(({ member }) => member.host === witness) === true;
      const isLocal = site.hosts.get(witness)?.transport === 'local';
      if (!isMember && !isLocal) continue;
      yield {
        path: ['stacks', stack.name, 'witness'],
        because: reasons.of(isMember ? 'mariadb/witness-is-member' : 'mariadb/witness-is-local', {
          host: witness,
        }),
        hint: reasons.of('mariadb/give-third'),
      };
    }
  },
};
