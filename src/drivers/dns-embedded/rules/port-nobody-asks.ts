import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { formatServer } from '../../ask.ts';
import { endpointsOf } from '../../endpoints-of.ts';
import type { DnsEmbeddedConfig, ListenAddress } from '../schema.ts';

const reasons = defineReasons({
  'dns-embedded/port-nobody-asks': {
    en: '{address} is beyond loopback, but not on port 53: /etc/resolv.conf cannot name it',
    zh: '{address} 对外监听，但不是 53 端口：/etc/resolv.conf 无法指向它',
  },
  'dns-embedded/use-port-53': {
    en: 'Listen on port 53, or let a resolver forward the zone to this port and suppress this rule.',
    zh: '请监听 53 端口；若由解析器将该区域转发到此端口，可抑制本规则。',
  },
});

/** A server that resolvers cannot be pointed at. */
export const portNobodyAsks: Rule = {
  id: 'HF115',
  name: 'port-nobody-asks',
  severity: 'warning',
  title: { en: 'A DNS server on another port than 53', zh: 'DNS 服务器不在 53 端口' },
  explanation: {
    en: 'A client’s /etc/resolv.conf has addresses without ports, and delegations have names without ports: both always mean port 53. Only a forwarder (unbound, dnsmasq, systemd-resolved, CoreDNS) can be told another one.',
    zh: '客户端的 /etc/resolv.conf 只能写地址而不能写端口，委派记录也不含端口，二者都固定使用 53 端口。只有转发器（unbound、dnsmasq、systemd-resolved、CoreDNS）能指定其他端口。',
  },
  reasons,
  *check(site) {
    for (const { name, driver } of endpointsOf<DnsEmbeddedConfig>(site, 'dns-embedded')) {
      for (const [index, where] of driver.config.listen.entries()) {
        if (where.port === 53 || isLoopback(where)) continue;
        yield {
          path: ['endpoints', name, 'driver', 'listen', index],
          because: reasons.of('dns-embedded/port-nobody-asks', { address: formatServer(where) }),
          hint: reasons.of('dns-embedded/use-port-53'),
        };
      }
    }
  },
};

function isLoopback({ address }: ListenAddress): boolean {
  return address.startsWith('127.') || address === '::1';
}
