import { defineReasons } from '../../base/reason.ts';
import { hostsByAddress } from '../host-index.ts';
import type { HostSpec } from '../model.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'same-address': {
    en: "hosts '{host}' and '{other}' have the same address {address}",
    zh: '主机“{host}”与“{other}”的地址相同：{address}',
  },
  'one-machine-one-host': {
    en: 'If it is one machine, describe it once and use that name everywhere; otherwise correct the address.',
    zh: '若是同一台机器，请只定义一次并统一使用该名称；否则请更正地址。',
  },
});

/** Two names for one machine, or a typing mistake. */
export const sameAddress: Rule = {
  id: 'HF014',
  name: 'same-address',
  severity: 'error',
  title: { en: 'Two hosts have the same address', zh: '两台主机地址相同' },
  explanation: {
    en: 'Holdfast would change one machine twice at the same time, count it as two when it judges what survives, and lock it under two names. Hosts behind one address on different SSH ports are not meant.',
    zh: 'Holdfast 会同时对同一台机器做两次变更，在评估容灾能力时把它算作两台，并以两个名称加锁。同一地址不同 SSH 端口的主机不在此列。',
  },
  reasons,
  *check(site) {
    for (const [address, hosts] of hostsByAddress(site)) {
      const firstAt = new Map<number, HostSpec>();
      for (const host of hosts) {
        // Several local hosts are another rule's finding; other ports are other machines behind one gateway.
        if (host.transport === 'local') continue;
        const other = firstAt.get(host.port);
        if (other === undefined) firstAt.set(host.port, host);
        else {
          yield {
            path: ['hosts', host.name, host.addresses.length > 1 ? 'addresses' : 'address'],
            because: reasons.of('same-address', { host: host.name, other: other.name, address }),
            hint: reasons.of('one-machine-one-host'),
          };
        }
      }
    }
  },
};
