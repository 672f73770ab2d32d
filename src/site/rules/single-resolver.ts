import { formatDuration } from '../../base/duration.ts';
import { defineReasons } from '../../base/reason.ts';
import { isPublic } from '../address.ts';
import { auditedFiles } from '../audit/audited.ts';
import { hostAt } from '../host-index.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'single-resolver': {
    en: '{address} is the only resolver that knows {names}: when it is down, no failover reaches this machine',
    zh: '{address} 是唯一认识 {names} 的解析器：它故障时，切换无法到达这台机器',
  },
  'slow-resolver': {
    en: "when {address} is silent, each lookup waits {wait} before the next server is asked; the failover target of '{endpoint}' is {target}",
    zh: '{address} 无响应时，每次解析要等待 {wait} 才会询问下一台；而“{endpoint}”的故障切换目标是 {target}',
  },
  'second-resolver': {
    en: 'Add a second server that holds the zone (a secondary, or another `holdfast watch`).',
    zh: '请增加第二台持有该区域的服务器（辅服务器，或另一个 `holdfast watch`）。',
  },
  'shorter-timeout': {
    en: 'Set `options timeout:1 attempts:2`.',
    zh: '请设置 `options timeout:1 attempts:2`。',
  },
});

/** resolv.conf(5): 5 seconds unless told otherwise. */
const DEFAULT_TIMEOUT_MS = 5_000;

/** The name depends on one server. */
export const singleResolver: Rule = {
  id: 'HF060',
  name: 'single-resolver',
  severity: 'warning',
  title: { en: 'One name server for everything', zh: '只有一台可用的域名服务器' },
  explanation: {
    en: 'A name in front of two members is no better than the name servers that answer for it. With a single one, or with one that has to time out before the next is asked, its failure is an outage of everything behind the name.',
    zh: '两个成员前面的域名，可靠性不会超过为其应答的域名服务器。只有一台，或需等它超时才会询问下一台时，它的故障就是其后所有服务的中断。',
  },
  reasons,
  *check(site) {
    for (const file of auditedFiles(site, 'resolv-conf')) {
      const own = file.resolver.nameservers.filter(
        ({ value }) => !isPublic(value) || hostAt(site, value) !== undefined,
      );
      const [first, second] = own;
      if (first === undefined || file.endpoints.length === 0) continue;
      if (second === undefined) {
        const names = file.endpoints.map((endpoint) => endpoint.dnsName);
        const because = reasons.of('single-resolver', { address: first.value, names });
        yield { path: file.sitePath, at: first.position, because, hint: reasons.of('second-resolver') };
        continue;
      }
      const wait = file.resolver.timeoutMs?.value ?? DEFAULT_TIMEOUT_MS;
      const strict = file.endpoints.find((endpoint) => wait > endpoint.failoverTargetMs);
      if (strict === undefined) continue;
      const target = formatDuration(strict.failoverTargetMs);
      yield {
        path: file.sitePath,
        at: file.resolver.timeoutMs?.position ?? first.position,
        because: reasons.of('slow-resolver', {
          address: first.value,
          wait: formatDuration(wait),
          endpoint: strict.name,
          target,
        }),
        hint: reasons.of('shorter-timeout'),
      };
    }
  },
};
