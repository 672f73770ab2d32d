import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { mariadbOf } from './mariadb-of.ts';

const reasons = defineReasons({
  'mariadb/wide-network': {
    en: '{account} may log in from {network}: that is {count} addresses',
    zh: '{account} 可从 {network} 登录：共 {count} 个地址',
  },
  'mariadb/narrow-it': {
    en: 'Name the networks of the platform’s own hosts.',
    zh: '请填写平台主机自己的网段。',
  },
});

/** A /16 is the widest that one site has for its hosts. */
const WIDEST_BITS = 16;

/** The runbook's `'root'@'%'`, in another form. */
export const mariadbOpenNetwork: Rule = {
  id: 'HF403',
  name: 'mariadb-open-network',
  severity: 'error',
  title: { en: 'An account for the whole world', zh: '账号对所有地址开放' },
  explanation: {
    en: 'The runbook grants everything to root from any address. An account that a network as wide as this may use is one password away from anybody who reaches the port.',
    zh: '运行手册允许 root 从任意地址登录并拥有全部权限。对如此宽的网段开放的账号，任何能访问端口的人只差一个密码。',
  },
  reasons,
  *check(site) {
    for (const { name, spec } of mariadbOf(site)) {
      for (const account of ['platform', 'monitor'] as const) {
        for (const [at, network] of (spec[account]?.networks ?? []).entries()) {
          const bits = Number(network.split('/')[1] ?? 32);
          if (bits >= WIDEST_BITS) continue;
          const params = { account, network, count: String(2 ** (32 - bits)) };
          yield {
            path: ['stacks', name, account, 'networks', at],
            because: reasons.of('mariadb/wide-network', params),
            hint: reasons.of('mariadb/narrow-it'),
          };
        }
      }
    }
  },
};
