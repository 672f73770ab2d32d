import { defineReasons } from '../base/reason.ts';
import type { Endpoint } from '../site/model.ts';
import type { Rule } from '../site/rule.ts';
import { endpointsOf } from './endpoints-of.ts';
import { isInZone } from './zone-field.ts';

const reasons = defineReasons({
  'dns/no-name': {
    en: "endpoint '{endpoint}' has no name, and the driver {driver} answers names",
    zh: '端点“{endpoint}”没有域名，而驱动 {driver} 只能应答域名',
  },
  'dns/name-outside-zone': {
    en: '{name} does not lie in the zone {zone}',
    zh: '{name} 不在区域 {zone} 内',
  },
  'dns/give-name': { en: 'Give the endpoint its `name`.', zh: '请为该端点设置 `name`。' },
  'dns/zone-of-name': {
    en: 'Set `zone` to {name} or to a zone above it.',
    zh: '请将 `zone` 设为 {name} 或其上级区域。',
  },
});

/** A driver keeps a name in a zone that cannot hold it. @param id of the rule for this driver */
export function nameOutsideZone(id: string, driver: string): Rule {
  return {
    id,
    name: `${driver}/name-outside-zone`,
    severity: 'error',
    title: { en: 'A name outside of its zone', zh: '域名不在其区域内' },
    explanation: {
      en: 'A DNS server answers a name from the zone that it lies in. A record for a name outside of the zone is refused by the server, or worse: kept and never found by any client.',
      zh: 'DNS 服务器只会从域名所在的区域应答。区域外的记录会被服务器拒绝，更糟的是虽被保存却永远不会被客户端查到。',
    },
    reasons,
    *check(site) {
      for (const endpoint of endpointsOf<{ readonly zone?: string | undefined }>(site, driver)) {
        const { name, dnsName } = endpoint;
        const { zone } = endpoint.driver.config;
        if (dnsName === undefined) {
          const because = reasons.of('dns/no-name', { endpoint: name, driver });
          yield { path: ['endpoints', name], because, hint: reasons.of('dns/give-name') };
        } else if (zone !== undefined && !isInZone(dnsName, zone)) {
          yield {
            path: zonePath(endpoint),
            because: reasons.of('dns/name-outside-zone', { name: dnsName, zone }),
            hint: reasons.of('dns/zone-of-name', { name: dnsName }),
          };
        }
      }
    },
  };
}

function zonePath({ name }: Endpoint): readonly string[] {
  return ['endpoints', name, 'driver', 'zone'];
}
