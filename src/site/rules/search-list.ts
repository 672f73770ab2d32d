import { defineReasons } from '../../base/reason.ts';
import { auditedFiles } from '../audit/audited.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'search-first': {
    en: '{name} has {dots} dots, fewer than ndots:{ndots}, so {count} other names are asked for first',
    zh: '{name} 只有 {dots} 个点，少于 ndots:{ndots}，因此会先查询另外 {count} 个名称',
  },
  'lower-ndots': {
    en: 'Lower ndots to {dots} or less, or have clients use the name with a final dot.',
    zh: '请将 ndots 降到 {dots} 或以下，或让客户端使用带末尾点的域名。',
  },
});

/** Each lookup is several. */
export const searchList: Rule = {
  id: 'HF061',
  name: 'search-list',
  severity: 'info',
  title: { en: 'The search list is asked before the name', zh: '先查询搜索列表' },
  explanation: {
    en: 'A name with fewer dots than ndots is tried with every suffix of the search list before it is tried itself (resolv.conf(5)). When a name server is silent, each of these tries waits for its own timeout.',
    zh: '点数少于 ndots 的域名会先与搜索列表的每个后缀组合查询，最后才查询自身（`resolv.conf(5)`）。当域名服务器无响应时，每次尝试都要等待一次超时。',
  },
  reasons,
  *check(site) {
    for (const file of auditedFiles(site, 'resolv-conf')) {
      const { search, ndots } = file.resolver;
      if (ndots === undefined || search.length === 0) continue;
      for (const { dnsName: name } of file.endpoints) {
        const dots = name.split('.').length - 1;
        if (dots >= ndots.value) continue;
        const params = { name, dots, ndots: ndots.value, count: search.length };
        yield {
          path: file.sitePath,
          at: ndots.position,
          because: reasons.of('search-first', params),
          hint: reasons.of('lower-ndots', params),
        };
      }
    }
  },
};
