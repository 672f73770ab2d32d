import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { endpointsOf } from '../../endpoints-of.ts';
import { isInZone } from '../../zone-field.ts';
import type { DnsEmbeddedConfig } from '../schema.ts';
import { nameServersOf, zoneOf } from '../zone-plan.ts';

const reasons = defineReasons({
  'dns-embedded/name-server-without-address': {
    en: 'the name server {server} lies in its own zone {zone} and has no address',
    zh: '域名服务器 {server} 位于其自身的区域 {zone} 内，却没有地址',
  },
  'dns-embedded/give-name-server-address': {
    en: 'Give it one: `nameServers: [{ name: {server}, addresses: [10.0.0.2] }]`.',
    zh: '请指定地址：`nameServers: [{ name: {server}, addresses: [10.0.0.2] }]`。',
  },
});

/** A name server that resolvers could only find by asking it. */
export const nameServerWithoutAddress: Rule = {
  id: 'HF114',
  name: 'name-server-without-address',
  severity: 'error',
  title: { en: 'A name server without an address', zh: '域名服务器没有地址' },
  explanation: {
    en: 'A name server whose name lies in the zone that it serves needs an address record there. With `listen` on a wildcard there is no address to take it from.',
    zh: '若域名服务器的名称位于其所服务的区域内，则该区域中必须有它的地址记录。当 `listen` 使用通配地址时，无从得知该地址。',
  },
  reasons,
  *check(site) {
    for (const endpoint of endpointsOf<DnsEmbeddedConfig>(site, 'dns-embedded')) {
      if (endpoint.dnsName === undefined) continue;
      const zone = zoneOf(endpoint);
      for (const { name: server, addresses } of nameServersOf(endpoint.driver.config, zone)) {
        if (addresses.length > 0 || !isInZone(server, zone)) continue;
        if (Object.keys(endpoint.driver.config.zoneFiles).length > 0) continue;
        yield {
          path: ['endpoints', endpoint.name, 'driver', 'nameServers'],
          because: reasons.of('dns-embedded/name-server-without-address', { server, zone }),
          hint: reasons.of('dns-embedded/give-name-server-address', { server }),
        };
      }
    }
  },
};
