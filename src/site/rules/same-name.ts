import { defineReasons } from '../../base/reason.ts';
import { canonicalAddress } from '../address.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'same-name': {
    en: "endpoints '{endpoint}' and '{other}' have the same name {name}",
    zh: '端点“{endpoint}”与“{other}”使用相同的域名 {name}',
  },
  'same-vip': {
    en: "endpoints '{endpoint}' and '{other}' have the same address {address}",
    zh: '端点“{endpoint}”与“{other}”使用相同的地址 {address}',
  },
  'one-endpoint': {
    en: 'Make one endpoint of them, or give each its own.',
    zh: '请合并为一个端点，或为每个端点分别设置。',
  },
});

/** Two endpoints overwrite each other's answer. */
export const sameName: Rule = {
  id: 'HF030',
  name: 'same-name',
  severity: 'error',
  title: { en: 'Two endpoints with one name or address', zh: '两个端点使用同一域名或地址' },
  explanation: {
    en: 'Each publishes its own answer for the same name, so that the last one wins until the other publishes again: clients are thrown back and forth.',
    zh: '两者会为同一名称发布各自的应答，后发布者生效，直到另一方再次发布：客户端会被来回切换。',
  },
  reasons,
  *check(site) {
    const names = new Map<string, string>();
    const addresses = new Map<string, string>();
    for (const { name: endpoint, dnsName, addresses: own } of site.endpoints.values()) {
      const other = dnsName === undefined ? undefined : names.get(dnsName);
      if (other !== undefined) {
        const because = reasons.of('same-name', { endpoint, other, name: dnsName as string });
        yield { path: ['endpoints', endpoint, 'name'], because, hint: reasons.of('one-endpoint') };
      } else if (dnsName !== undefined) names.set(dnsName, endpoint);
      for (const [index, address] of own.entries()) {
        const owner = addresses.get(canonicalAddress(address));
        addresses.set(canonicalAddress(address), owner ?? endpoint);
        if (owner === undefined) continue;
        const because = reasons.of('same-vip', { endpoint, other: owner, address });
        yield {
          path: ['endpoints', endpoint, 'addresses', index],
          because,
          hint: reasons.of('one-endpoint'),
        };
      }
    }
  },
};
