import { isIPv4 } from 'node:net';
import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { endpointsOf } from '../../endpoints-of.ts';
import type { DnsEmbeddedConfig } from '../schema.ts';

const reasons = defineReasons({
  'dns-embedded/loopback-only': {
    en: "only this machine can ask for '{endpoint}': its DNS server listens on loopback addresses",
    zh: '只有本机能查询“{endpoint}”：其 DNS 服务器仅监听回环地址',
  },
  'dns-embedded/listen-wider': {
    en: 'Set `listen` to an address of this machine that clients reach, such as 10.0.0.2:53.',
    zh: '请将 `listen` 设为客户端可访问的本机地址，例如 10.0.0.2:53。',
  },
});

/** The safe default, left in place where clients are elsewhere. */
export const loopbackOnly: Rule = {
  id: 'HF112',
  name: 'loopback-only',
  severity: 'warning',
  title: { en: 'A DNS server that no client can reach', zh: '客户端无法访问的 DNS 服务器' },
  explanation: {
    en: 'Nothing listens beyond loopback unless it is told to. Members on other machines mean clients on other machines: they would get no answer at all. Tell it where to listen; the server answers for its own zones only and never recurses.',
    zh: '未经明确指定，任何服务都不会监听回环以外的地址。成员位于其他机器，说明客户端也在其他机器上，它们将得不到任何应答。请指定监听地址；该服务器只应答自己的区域，从不递归。',
  },
  reasons,
  *check(site) {
    // One server answers for all of them, wherever any of them makes it listen.
    const endpoints = [...endpointsOf<DnsEmbeddedConfig>(site, 'dns-embedded')];
    const listen = endpoints.flatMap((endpoint) => endpoint.driver.config.listen);
    if (!listen.every(({ address }) => isLoopback(address))) return;
    for (const endpoint of endpoints) {
      if (endpoint.members.every((member) => isLoopback(member.address))) continue;
      yield {
        path: ['endpoints', endpoint.name, 'driver', 'listen'],
        because: reasons.of('dns-embedded/loopback-only', { endpoint: endpoint.name }),
        hint: reasons.of('dns-embedded/listen-wider'),
      };
    }
  },
};

/** RFC 1122 §3.2.1.3, RFC 4291 §2.5.3 */
function isLoopback(address: string): boolean {
  return isIPv4(address) ? address.startsWith('127.') : address === '::1' || address === 'localhost';
}
