import { defineReasons } from '../../base/reason.ts';
import type { Endpoint } from '../model.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'same-router-id': {
    en: "'{endpoint}' uses VRRP router id {id}, which '{other}' uses already",
    zh: '“{endpoint}”使用的 VRRP 路由器 ID {id} 已被“{other}”使用',
  },
  'another-router-id': {
    en: 'Give each endpoint an id of its own (1 to 255) on its network segment.',
    zh: '请在同一网段内为每个端点分配不同的 ID（1 到 255）。',
  },
});

/** Keys under which drivers keep their VRRP router id. */
const KEYS = ['routerId', 'virtualRouterId', 'vrid'] as const;

/** Two groups of routers fight over their addresses. */
export const sameRouterId: Rule = {
  id: 'HF015',
  name: 'same-router-id',
  severity: 'error',
  title: { en: 'The same VRRP router id twice', zh: 'VRRP 路由器 ID 重复' },
  explanation: {
    en: 'Routers tell their group by its id alone (RFC 9568). Two groups with one id on a segment take each other for a peer of higher or lower priority: the address disappears or answers in two places. On separate segments the same id is harmless: suppress the finding with that reason.',
    zh: '路由器仅凭 ID 区分所属组（RFC 9568）。同一网段内两个组使用相同 ID，会互相误认为优先级更高或更低的对等体：地址会消失，或同时在两处应答。若位于不同网段则无妨：请注明理由后抑制此发现。',
  },
  reasons,
  *check(site) {
    const seen = new Map<string, string>();
    for (const endpoint of site.endpoints.values()) {
      const found = routerIdOf(endpoint);
      if (found === undefined) continue;
      const other = seen.get(found.id);
      if (other === undefined) seen.set(found.id, endpoint.name);
      else {
        yield {
          path: ['endpoints', endpoint.name, 'driver', found.key],
          because: reasons.of('same-router-id', { endpoint: endpoint.name, id: found.id, other }),
          hint: reasons.of('another-router-id'),
        };
      }
    }
  },
};

function routerIdOf(endpoint: Endpoint): { key: string; id: string } | undefined {
  const config = (endpoint.driver.config ?? {}) as Readonly<Record<string, unknown>>;
  for (const key of KEYS) {
    const id = config[key];
    if (typeof id === 'number' || typeof id === 'string') return { key, id: String(id) };
  }
  return undefined;
}
