import { defineReasons } from '../base/reason.ts';
import type { Rule } from '../site/rule.ts';
import { movingEndpoints } from './vrrp-endpoints.ts';

const reasons = defineReasons({
  'keepalived/no-address': {
    en: "'{endpoint}' has no address that keepalived could move",
    zh: '“{endpoint}”没有可供 keepalived 漂移的地址',
  },
  'keepalived/give-vip': {
    en: 'Write a free address of the members’ subnet as `addresses`.',
    zh: '请在 `addresses` 中写入成员所在子网的空闲地址。',
  },
});

/** A driver of addresses without one. */
export const noAddress: Rule = {
  id: 'HF200',
  name: 'no-address',
  severity: 'error',
  title: { en: 'keepalived without an address', zh: 'keepalived 没有地址' },
  explanation: {
    en: 'keepalived moves an address from host to host. Without one there is nothing to move, and clients have nothing stable to ask.',
    zh: 'keepalived 在主机之间漂移地址。没有地址就没有可漂移的对象，客户端也没有稳定的访问目标。',
  },
  reasons,
  *check(site) {
    for (const { name, addresses, driver } of movingEndpoints(site)) {
      if (driver.kind !== 'keepalived' || addresses.length > 0) continue;
      yield {
        path: ['endpoints', name],
        because: reasons.of('keepalived/no-address', { endpoint: name }),
        hint: reasons.of('keepalived/give-vip'),
      };
    }
  },
};
