import { defineReasons } from '../../../base/reason.ts';
import type { Endpoint } from '../../../site/model.ts';
import type { Rule } from '../../../site/rule.ts';
import { endpointsOf } from '../../endpoints-of.ts';
import type { DnsEmbeddedConfig } from '../schema.ts';
import { planZones } from '../zone-plan.ts';

const reasons = defineReasons({
  'dns-embedded/zone-settings-differ': {
    en: "'{endpoint}' and '{other}' share a zone and describe it differently",
    zh: '“{endpoint}”与“{other}”共用一个区域，但对它的描述不同',
  },
  'dns-embedded/one-description': {
    en: 'Write the settings once and refer to them by a YAML anchor: `driver: &dns …`, `driver: *dns`.',
    zh: '请只写一次设置，并用 YAML 锚点引用：`driver: &dns …`、`driver: *dns`。',
  },
});

/** One zone, two descriptions: the watcher refuses to start. */
export const zoneSettingsDiffer: Rule = {
  id: 'HF113',
  name: 'zone-settings-differ',
  severity: 'error',
  title: { en: 'A zone that is described in two ways', zh: '同一区域有两种描述' },
  explanation: {
    en: 'A zone has one SOA record, one set of name servers and one file. Where two endpoints in it disagree, neither is right, and the watcher would not start.',
    zh: '一个区域只有一条 SOA 记录、一组域名服务器和一个文件。若其中两个端点的描述不一致，则无从取舍，监视进程将拒绝启动。',
  },
  reasons,
  *check(site) {
    const known: Endpoint<DnsEmbeddedConfig>[] = [];
    for (const endpoint of endpointsOf<DnsEmbeddedConfig>(site, 'dns-embedded')) {
      if (endpoint.dnsName === undefined) continue;
      const other = known.find((one) => disagree(one, endpoint));
      known.push(endpoint);
      if (other === undefined) continue;
      yield {
        path: ['endpoints', endpoint.name, 'driver'],
        because: reasons.of('dns-embedded/zone-settings-differ', {
          endpoint: endpoint.name,
          other: other.name,
        }),
        hint: reasons.of('dns-embedded/one-description'),
      };
    }
  },
};

function disagree(a: Endpoint<DnsEmbeddedConfig>, b: Endpoint<DnsEmbeddedConfig>): boolean {
  try {
    planZones([a, b]);
    return false;
  } catch {
    return true;
  }
}
