import { defineReasons } from '../../base/reason.ts';
import { isPublic } from '../address.ts';
import { auditedFiles } from '../audit/audited.ts';
import { hostAt } from '../host-index.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'public-resolver': {
    en: 'the resolver {address} is on the Internet and does not know {names}',
    zh: '解析器 {address} 位于互联网，不认识 {names}',
  },
  'internal-resolver': {
    en: 'Name a second server of your own instead; let your servers forward what they do not know.',
    zh: '请改为第二台自己的服务器；外部域名由自己的服务器转发。',
  },
});

/** A fallback that answers "no such name". */
export const publicResolver: Rule = {
  id: 'HF059',
  name: 'public-resolver',
  severity: 'error',
  title: { en: 'A public resolver as fallback', zh: '以公共解析器作为后备' },
  explanation: {
    en: 'A stub resolver takes the next server of the list when the first is slow, and then believes whatever it says. A public one answers NXDOMAIN for internal names: for as long as your DNS server is down or slow, the name does not exist, and caches remember that. In an air-gapped site it only adds its timeout to each lookup.',
    zh: '首个服务器变慢时，解析库会改用下一个并相信其应答。公共解析器对内部域名返回 NXDOMAIN：在自有 DNS 故障或缓慢期间，该域名等于不存在，且会被缓存。在离线环境中，它只会给每次解析增加超时。',
  },
  reasons,
  *check(site) {
    for (const file of auditedFiles(site, 'resolv-conf')) {
      if (file.endpoints.length === 0) continue;
      const names = file.endpoints.map((endpoint) => endpoint.dnsName);
      for (const { value: address, position } of file.resolver.nameservers) {
        if (!isPublic(address) || hostAt(site, address) !== undefined) continue;
        yield {
          path: file.sitePath,
          at: position,
          because: reasons.of('public-resolver', { address, names }),
          hint: reasons.of('internal-resolver'),
        };
      }
    }
  },
};
