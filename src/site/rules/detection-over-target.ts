import { formatDuration } from '../../base/duration.ts';
import { defineReasons } from '../../base/reason.ts';
import type { Endpoint } from '../model.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'outage-over-target': {
    en: 'an outage can last {outage} ({fall} × {interval} interval + {timeout} timeout + {ttl} TTL), but the failover target is {target}',
    zh: '中断可能长达 {outage}（{fall} × 间隔 {interval} + 超时 {timeout} + TTL {ttl}），而故障切换目标是 {target}',
  },
  'probe-faster': {
    en: 'Shorten `interval`, `timeout` or `ttl`, or accept a longer `failoverTarget`.',
    zh: '请缩短 `interval`、`timeout` 或 `ttl`，或放宽 `failoverTarget`。',
  },
});

/** Finding the failure and letting caches run out takes longer than promised. */
export const detectionOverTarget: Rule = {
  id: 'HF013',
  name: 'detection-over-target',
  severity: 'warning',
  title: { en: 'Detection and TTL exceed the failover target', zh: '探测加 TTL 超过故障切换目标' },
  explanation: {
    en: 'The longest outage a client sees is about fall × interval + timeout (until the watcher is sure) plus the TTL (until the last cache asks again). If that is more than `failoverTarget`, the promise cannot be kept even if nothing else goes wrong.',
    zh: '客户端看到的最长中断约为 fall × interval + timeout（监视进程确认故障）再加 TTL（最后一个缓存到期）。若超过 `failoverTarget`，即使一切顺利也无法达成目标。',
  },
  reasons,
  *check(site) {
    for (const endpoint of site.endpoints.values()) {
      const { name, fall, failoverTargetMs } = endpoint;
      const ttlMs = endpoint.dnsName === undefined ? 0 : endpoint.ttlMs;
      const outageMs = detectionMs(endpoint) + ttlMs;
      // A TTL that alone is too long is another rule's finding.
      if (outageMs <= failoverTargetMs || ttlMs > failoverTargetMs) continue;
      const params = {
        outage: formatDuration(outageMs),
        fall,
        interval: formatDuration(endpoint.intervalMs),
        timeout: formatDuration(endpoint.timeoutMs),
        ttl: formatDuration(ttlMs),
        target: formatDuration(failoverTargetMs),
      };
      yield {
        path: ['endpoints', name, 'failoverTarget'],
        because: reasons.of('outage-over-target', params),
        hint: reasons.of('probe-faster'),
      };
    }
  },
};

/** The failure comes right after a good probe; the last of `fall` probes runs into its timeout. */
function detectionMs({ fall, intervalMs, timeoutMs }: Endpoint): number {
  return fall * intervalMs + timeoutMs;
}
