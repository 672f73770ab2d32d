import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { findPair } from '../pair.ts';
import { mariadbOf } from './mariadb-of.ts';

const reasons = defineReasons({
  'mariadb/not-two': {
    en: "'{stack}' is no pair: its endpoint must have exactly two members, on two hosts",
    zh: '“{stack}”不成主备：其端点必须恰好有两个成员，且位于两台主机',
  },
  'mariadb/not-moving': {
    en: "the address of '{endpoint}' is not moved by the hosts themselves ({driver}): roles and address could part",
    zh: '“{endpoint}”的地址不是由主机自行漂移（{driver}）：角色与地址可能不一致',
  },
  'mariadb/give-two': {
    en: 'Give it an endpoint with `driver: keepalived`, an address, and two members.',
    zh: '请为其配置 `driver: keepalived` 的端点、一个地址和两个成员。',
  },
});

/** A database stack without the two servers, or without the address that moves with the role. */
export const mariadbNoPair: Rule = {
  id: 'HF401',
  name: 'mariadb-no-pair',
  severity: 'error',
  title: { en: 'A MariaDB stack that is no pair', zh: 'MariaDB 栈不成主备' },
  explanation: {
    en: 'A pair is two servers on two hosts and one address that keepalived moves between them: its notify scripts promote and fence the servers on the hosts, so that whoever owns the address is the one that writes. With one server, with three, or with a name that a controller moves, nobody on the hosts would do that.',
    zh: '主备由两台主机上的两台服务器和一个由 keepalived 漂移的地址组成：其通知脚本在主机上完成提升与隔离，使持有地址者就是可写者。只有一台、有三台，或地址由控制机移动时，主机上没有谁会完成这些动作。',
  },
  reasons,
  *check(site) {
    for (const stack of mariadbOf(site)) {
      const pair = findPair(site, stack);
      const hint = reasons.of('mariadb/give-two');
      if (pair === undefined) {
        yield {
          path: ['stacks', stack.name],
          because: reasons.of('mariadb/not-two', { stack: stack.name }),
          hint,
        };
        continue;
      }
      const { name, driver } = pair.endpoint;
      if (driver.kind === 'keepalived') continue;
      const params = { endpoint: name, driver: driver.kind };
      yield {
        path: ['stacks', stack.name, 'endpoint'],
        because: reasons.of('mariadb/not-moving', params),
        hint,
      };
    }
  },
};
