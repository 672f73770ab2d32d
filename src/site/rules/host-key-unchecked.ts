import { defineReasons } from '../../base/reason.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'host-key-unchecked': {
    en: "the key of host '{host}' cannot be checked: it is not pinned and there is no known_hosts file",
    zh: '无法校验主机“{host}”的密钥：既未固定，也没有 known_hosts 文件',
  },
  'host-keys-unchecked': {
    en: 'the keys of {count} hosts cannot be checked ({hosts}): they are not pinned and there is no known_hosts file',
    zh: '无法校验 {count} 台主机的密钥（{hosts}）：既未固定，也没有 known_hosts 文件',
  },
  'pin-key': {
    en: 'Set `hostKey:`, or name a known_hosts file in `knownHosts:`.',
    zh: '请设置 `hostKey:`，或在 `knownHosts:` 中指定 known_hosts 文件。',
  },
});

/** Whoever answers would be believed; Holdfast therefore refuses to connect. */
export const hostKeyUnchecked: Rule = {
  id: 'HF022',
  name: 'host-key-unchecked',
  severity: 'error',
  title: { en: 'A host key that nothing vouches for', zh: '主机密钥无从校验' },
  explanation: {
    en: 'Without a pinned key or a known_hosts file, anybody who can answer at the address would receive root commands and passwords. Holdfast refuses such a connection, so the site cannot be applied.',
    zh: '若既不固定密钥也没有 known_hosts 文件，任何能在该地址应答的人都会收到 root 命令和密码。Holdfast 会拒绝这种连接，站点因此无法执行。',
  },
  reasons,
  *check(site) {
    const open = [...site.hosts.values()].filter(
      (host) => host.transport === 'ssh' && host.hostKey === undefined && host.knownHosts.length === 0,
    );
    const [first, second] = open;
    if (first === undefined) return;
    const hint = reasons.of('pin-key');
    if (second === undefined) {
      const because = reasons.of('host-key-unchecked', { host: first.name });
      yield { path: ['hosts', first.name, 'knownHosts'], because, hint };
      return;
    }
    // Usually one line under `access:` says so for all: one finding, not ten thousand.
    const names = open.slice(0, 3).map((host) => host.name);
    const hosts = open.length > 3 ? [...names, '…'] : names;
    yield {
      path: ['access', 'knownHosts'],
      because: reasons.of('host-keys-unchecked', { count: open.length, hosts }),
      hint,
    };
  },
};
