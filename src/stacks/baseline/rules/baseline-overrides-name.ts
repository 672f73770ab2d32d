import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { baselinesOf } from '../baselines.ts';

const reasons = defineReasons({
  'baseline/overrides-name': {
    en: "puts '{name}' into the hosts file, which then overrides the DNS name of endpoint '{endpoint}'",
    zh: '将“{name}”写入 hosts 文件，会覆盖端点“{endpoint}”的域名解析',
  },
  'baseline/use-absent': {
    en: 'Take it out of `entries`; name it under `absent` to keep it out on every host.',
    zh: '请从 `entries` 中删除；写入 `absent` 可确保各主机上都没有该条目。',
  },
});

/** The runbook's own warning: the hosts file of no node may hold the name that DNS answers. */
export const baselineOverridesName: Rule = {
  id: 'HF390',
  name: 'baseline-overrides-name',
  severity: 'error',
  title: {
    en: "A baseline puts an endpoint's name into the hosts file",
    zh: '基线将端点域名写入了 hosts 文件',
  },
  explanation: {
    en: 'The hosts file comes before DNS (nsswitch.conf, `hosts: files dns`). A host with the name in it keeps going to that one address, whatever the endpoint answers: it misses every failover, and nobody notices until the address is down.',
    zh: 'hosts 文件优先于 DNS（nsswitch.conf 的 `hosts: files dns`）。写有该域名的主机会一直访问固定地址，无论端点如何应答：它会错过每一次故障切换，直到该地址宕机才会被发现。',
  },
  reasons,
  *check(site) {
    const endpointOf = new Map(
      [...site.endpoints.values()].flatMap(({ name, dnsName }) =>
        dnsName === undefined ? [] : [[dnsName, name] as const],
      ),
    );
    for (const { name: stack, spec } of baselinesOf(site)) {
      for (const [at, { names }] of (spec.hostsFile?.entries ?? []).entries()) {
        for (const [index, name] of names.entries()) {
          const endpoint = endpointOf.get(name);
          if (endpoint === undefined) continue;
          const path = ['stacks', stack, 'hostsFile', 'entries', at, 'names', index];
          yield {
            path,
            because: reasons.of('baseline/overrides-name', { name, endpoint }),
            hint: reasons.of('baseline/use-absent'),
          };
        }
      }
    }
  },
};
