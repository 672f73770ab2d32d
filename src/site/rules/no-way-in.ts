import { defineReasons } from '../../base/reason.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'no-way-in': {
    en: "'{endpoint}' has neither a name nor an address: clients cannot find it",
    zh: '“{endpoint}”既没有域名也没有地址：客户端无从访问',
  },
  'give-name': {
    en: 'Set `name:` (a DNS name) or `addresses:` (a VIP).',
    zh: '请设置 `name:`（域名）或 `addresses:`（VIP）。',
  },
});

/** An endpoint that nobody can use. */
export const noWayIn: Rule = {
  id: 'HF029',
  name: 'no-way-in',
  severity: 'error',
  title: { en: 'An endpoint without name and address', zh: '端点没有域名和地址' },
  explanation: {
    en: 'An endpoint is one stable name or address in front of its members. Without either there is nothing for a driver to realise and nothing for clients to use.',
    zh: '端点是成员前面的一个稳定域名或地址。两者皆无时，驱动无事可做，客户端也无从使用。',
  },
  reasons,
  *check(site) {
    for (const { name, dnsName, addresses } of site.endpoints.values()) {
      if (dnsName !== undefined || addresses.length > 0) continue;
      yield {
        path: ['endpoints', name],
        because: reasons.of('no-way-in', { endpoint: name }),
        hint: reasons.of('give-name'),
      };
    }
  },
};
