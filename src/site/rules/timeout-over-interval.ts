import { formatDuration } from '../../base/duration.ts';
import { defineReasons } from '../../base/reason.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'timeout-over-interval': {
    en: 'a probe may take {timeout}, but the next is due after {interval}',
    zh: '单次探测可用 {timeout}，而下一次在 {interval} 后就应开始',
  },
  'shorten-timeout': {
    en: 'Set `timeout` to {interval} or less, or probe less often.',
    zh: '请将 `timeout` 设为不超过 {interval}，或降低探测频率。',
  },
});

/** Probes of one member pile up or come late. */
export const timeoutOverInterval: Rule = {
  id: 'HF026',
  name: 'timeout-over-interval',
  severity: 'warning',
  title: { en: 'Probe timeout longer than the interval', zh: '探测超时大于间隔' },
  explanation: {
    en: 'A silent member then takes one timeout a probe, so that `fall` probes take fall × timeout instead of fall × interval: the failover is later than the interval makes believe.',
    zh: '无响应的成员每次探测都会耗满超时时间，`fall` 次探测需要 fall × timeout 而不是 fall × interval：实际切换比间隔所暗示的更晚。',
  },
  reasons,
  *check(site) {
    for (const { name, timeoutMs, intervalMs } of site.endpoints.values()) {
      if (timeoutMs <= intervalMs) continue;
      const params = { timeout: formatDuration(timeoutMs), interval: formatDuration(intervalMs) };
      yield {
        path: ['endpoints', name, 'timeout'],
        because: reasons.of('timeout-over-interval', params),
        hint: reasons.of('shorten-timeout', params),
      };
    }
  },
};
