import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { endpointsOf } from '../../endpoints-of.ts';
import { asksOf } from '../../vrrp-checks.ts';
import type { KeepalivedConfig } from '../schema.ts';

const reasons = defineReasons({
  'keepalived/blind-health': {
    en: "no probe of '{endpoint}' is one that its hosts can ask by themselves: {probes}",
    zh: '“{endpoint}”的探测都无法由主机自行执行：{probes}',
  },
  'keepalived/add-port': {
    en: 'Add a probe of kind tcp, http or https, or name the `process`; an executable in check.d on the hosts works, too (then suppress this).',
    zh: '请添加 tcp、http 或 https 类型的探测，或指定 `process`；也可在主机的 check.d 中放置可执行文件（并抑制此发现）。',
  },
});

/** Hosts that would keep the address though their service is gone. */
export const blindHealth: Rule = {
  id: 'HF207',
  name: 'blind-health',
  severity: 'warning',
  title: { en: 'The hosts cannot see that the service is down', zh: '主机无法发现服务故障' },
  explanation: {
    en: 'The hosts fail over by themselves, on what they see themselves. With probes that only Holdfast can run, a dead host is replaced, a dead service is not, until a watcher moves the address.',
    zh: '主机根据自身所见自行切换。若探测只能由 Holdfast 执行，主机宕机会被接替，而服务故障则不会，直到 watch 进程移动地址。',
  },
  reasons,
  *check(site) {
    for (const { name, probes, driver } of endpointsOf<KeepalivedConfig>(site, 'keepalived')) {
      if (probes.length === 0 || asksOf(probes).length > 0 || driver.config.process !== undefined) continue;
      yield {
        path: ['endpoints', name, 'probes'],
        because: reasons.of('keepalived/blind-health', {
          endpoint: name,
          probes: probes.map((probe) => probe.kind),
        }),
        hint: reasons.of('keepalived/add-port'),
      };
    }
  },
};
