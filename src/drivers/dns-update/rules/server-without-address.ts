import { isIP } from 'node:net';
import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { endpointsOf } from '../../endpoints-of.ts';
import type { DnsUpdateConfig } from '../schema.ts';

const reasons = defineReasons({
  'dns-update/server-without-address': {
    en: "the DNS server '{server}' is neither a host of this site with an IP address nor an IP address",
    zh: 'DNS 服务器“{server}”既不是本站点中有 IP 地址的主机，也不是 IP 地址',
  },
  'dns-update/give-address': {
    en: 'Name its IP address, or a host whose address is one.',
    zh: '请填写其 IP 地址，或填写地址为 IP 的主机名。',
  },
});

/** A DNS server that would have to be found through DNS. */
export const serverWithoutAddress: Rule = {
  id: 'HF123',
  name: 'server-without-address',
  severity: 'error',
  title: { en: 'A DNS server without an address', zh: 'DNS 服务器没有地址' },
  explanation: {
    en: 'Updates go to the server’s IP address. A name would have to be resolved first, perhaps by the very server that is meant, and at the very moment when it matters.',
    zh: '更新发往服务器的 IP 地址。若填写域名，则须先解析，而负责解析的可能正是这台服务器，且恰恰在最要紧的时刻。',
  },
  reasons,
  *check(site) {
    for (const { name, driver } of endpointsOf<DnsUpdateConfig>(site, 'dns-update')) {
      const { server } = driver.config;
      if (isIP(site.hosts.get(server)?.address ?? server) !== 0) continue;
      yield {
        path: ['endpoints', name, 'driver', 'server'],
        because: reasons.of('dns-update/server-without-address', { server }),
        hint: reasons.of('dns-update/give-address'),
      };
    }
  },
};
