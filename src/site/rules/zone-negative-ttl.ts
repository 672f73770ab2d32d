import { formatDuration } from '../../base/duration.ts';
import { defineReasons } from '../../base/reason.ts';
import { auditedFiles, isInZone } from '../audit/audited.ts';
import { zoneTtlMs } from '../audit/zone-file.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'negative-ttl-over-target': {
    en: "a client that asks for {name} while it is missing keeps hearing so for {ttl}; the failover target of '{endpoint}' is {target}",
    zh: '若客户端在 {name} 缺失时查询，会在 {ttl} 内一直得到“不存在”；而“{endpoint}”的故障切换目标是 {target}',
  },
  'lower-minimum': {
    en: 'Set the last number of the SOA record to {target} or less.',
    zh: '请将 SOA 记录的最后一个数值设为不超过 {target}。',
  },
});

/** "There is no such name" is remembered for hours. */
export const zoneNegativeTtl: Rule = {
  id: 'HF057',
  name: 'zone-negative-ttl',
  severity: 'warning',
  title: { en: 'Negative answers are kept too long', zh: '否定应答缓存过久' },
  explanation: {
    en: 'The last field of the SOA record says how long a resolver may remember that a name does not exist (RFC 2308). A typing mistake during a manual switch, or a record removed before the new one is added, then lasts for hours after it has been mended.',
    zh: 'SOA 的最后一个字段决定解析器可以记住“名称不存在”多久（RFC 2308）。手工切换时的笔误，或先删后加记录之间的空档，修好之后仍会影响数小时。',
  },
  reasons,
  *check(site) {
    for (const file of auditedFiles(site, 'zone')) {
      const soa = file.zone.records.find((record) => record.type === 'SOA');
      const ttlMs = zoneTtlMs(soa?.data[6] ?? '');
      if (soa === undefined || ttlMs === undefined) continue;
      for (const { name: endpoint, dnsName: name, failoverTargetMs } of file.endpoints) {
        // RFC 2308 §5: the smaller of the SOA's own TTL and its minimum counts.
        const keptMs = Math.min(ttlMs, soa.ttlMs);
        if (!isInZone(name, file.zone) || keptMs <= failoverTargetMs) continue;
        const params = {
          name,
          endpoint,
          ttl: formatDuration(keptMs),
          target: formatDuration(failoverTargetMs),
        };
        yield {
          path: file.sitePath,
          at: soa.dataAt[6] ?? soa.position,
          because: reasons.of('negative-ttl-over-target', params),
          hint: reasons.of('lower-minimum', params),
        };
      }
    }
  },
};
