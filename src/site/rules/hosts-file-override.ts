import { defineReasons } from '../../base/reason.ts';
import { auditedFiles } from '../audit/audited.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'name-in-hosts-file': {
    en: "{name} is pinned to {address} here, so this machine never follows a failover of '{endpoint}'",
    zh: '此处把 {name} 固定为 {address}，该机器永远不会跟随“{endpoint}”的切换',
  },
  'remove-line': {
    en: 'Remove the name from the hosts file and let DNS answer.',
    zh: '请从 hosts 文件中删除该域名，由 DNS 应答。',
  },
});

/** A machine that asks its own file before it asks DNS. */
export const hostsFileOverride: Rule = {
  id: 'HF051',
  name: 'hosts-file-override',
  severity: 'error',
  title: { en: 'A domain overridden by a hosts file', zh: '域名被 hosts 文件覆盖' },
  explanation: {
    en: 'nsswitch.conf asks /etc/hosts before DNS, so a line there wins for ever on that machine. The vendor runbook demands that no node, the bootstrap nodes included, has the domain in its hosts file; its installer adds such a line by itself when it runs while the domain leads elsewhere (an upgrade after a failover).',
    zh: 'nsswitch.conf 先查 /etc/hosts 再查 DNS，因此其中的条目在该机器上永远优先。厂商手册要求所有节点（含火种节点）的 hosts 文件中都不得出现该域名；而安装器在域名指向他处时运行（例如切换后升级）会自行添加这样的条目。',
  },
  reasons,
  *check(site) {
    for (const file of auditedFiles(site, 'hosts-file')) {
      for (const endpoint of file.endpoints) {
        for (const { name, address, position } of file.hosts.entries) {
          if (name !== endpoint.dnsName) continue;
          yield {
            path: file.sitePath,
            at: position,
            because: reasons.of('name-in-hosts-file', { name, address, endpoint: endpoint.name }),
            hint: reasons.of('remove-line'),
          };
        }
      }
    }
  },
};
