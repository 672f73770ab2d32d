import { formatDuration } from '../../base/duration.ts';
import { defineReasons } from '../../base/reason.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'ttl-over-target': {
    en: 'clients may keep the old answer for {ttl}, but the failover target is {target}',
    zh: '客户端可缓存旧应答 {ttl}，而故障切换目标是 {target}',
  },
  'lower-ttl': {
    en: 'Set `ttl` well below {target}; 5s is the default.',
    zh: '请将 `ttl` 设为远小于 {target} 的值；默认 5s。',
  },
});

/** Caches hold the dead member's address for longer than the outage may last. */
export const ttlOverTarget: Rule = {
  id: 'HF012',
  name: 'ttl-over-target',
  severity: 'error',
  title: { en: 'TTL longer than the failover target', zh: 'TTL 超过故障切换目标' },
  explanation: {
    en: 'However fast the failover, resolvers and clients keep the old address until its TTL has run out. With a TTL of one day, as in the vendor runbook, some clients keep asking the dead node for a day. The target is `failoverTarget` of the endpoint.',
    zh: '无论切换多快，解析器和客户端都会在 TTL 到期前继续使用旧地址。若像厂商手册那样把 TTL 设为一天，部分客户端会在一整天内继续访问已故障的节点。目标即端点的 `failoverTarget`。',
  },
  reasons,
  *check(site) {
    for (const { name, dnsName, ttlMs, failoverTargetMs } of site.endpoints.values()) {
      if (dnsName === undefined || ttlMs <= failoverTargetMs) continue;
      const params = { ttl: formatDuration(ttlMs), target: formatDuration(failoverTargetMs) };
      yield {
        path: ['endpoints', name, 'ttl'],
        because: reasons.of('ttl-over-target', params),
        hint: reasons.of('lower-ttl', params),
      };
    }
  },
};
