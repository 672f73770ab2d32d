import { formatDuration } from '../../base/duration.ts';
import { defineReasons } from '../../base/reason.ts';
import { addressRecords, auditedFiles, isInZone } from '../audit/audited.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'zone-ttl-over-target': {
    en: "the zone lets clients keep {name} for {ttl}, but the failover target of '{endpoint}' is {target}",
    zh: '该区域允许客户端缓存 {name} 达 {ttl}，而“{endpoint}”的故障切换目标是 {target}',
  },
  'own-ttl': {
    en: 'Give the record a TTL of its own, such as `{label} 5 IN A …`; $TTL may stay as it is for the rest.',
    zh: '请为该记录单独设置 TTL，如 `{label} 5 IN A …`；其余记录可继续使用 $TTL。',
  },
});

/** The zone file as it is today makes every failover as long as its TTL. */
export const zoneTtl: Rule = {
  id: 'HF053',
  name: 'zone-ttl',
  severity: 'error',
  title: { en: 'The zone’s TTL exceeds the failover target', zh: '区域 TTL 超过故障切换目标' },
  explanation: {
    en: '$TTL 1D, as the runbook has it, means that a resolver which asked just before the failover goes on answering with the dead node for a day. Lower the TTL at least one old TTL before a planned change.',
    zh: '手册中的 $TTL 1D 意味着：在切换前刚查询过的解析器会在一整天内继续返回故障节点。计划内变更前，应至少提前一个旧 TTL 的时间调低 TTL。',
  },
  reasons,
  *check(site) {
    for (const file of auditedFiles(site, 'zone')) {
      for (const { name: endpoint, dnsName: name, failoverTargetMs } of file.endpoints) {
        if (!isInZone(name, file.zone)) continue;
        const record = addressRecords(file.zone, name).find(({ ttlMs }) => ttlMs > failoverTargetMs);
        if (record === undefined) continue;
        const params = {
          name,
          endpoint,
          ttl: formatDuration(record.ttlMs),
          target: formatDuration(failoverTargetMs),
        };
        yield {
          path: file.sitePath,
          at: record.ttlAt,
          because: reasons.of('zone-ttl-over-target', params),
          hint: reasons.of('own-ttl', { label: name.split('.')[0] as string }),
        };
      }
    }
  },
};
