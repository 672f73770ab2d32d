import { defineReasons } from '../../base/reason.ts';
import type { Site, SitePath, StackSpec } from '../model.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'even-voters': {
    en: "'{stack}' has {count} voting members and survives the loss of {survives}, as {fewer} would",
    zh: '“{stack}”有 {count} 个投票成员，只能容忍 {survives} 个故障，与 {fewer} 个成员相同',
  },
  'odd-voters': { en: 'Use {fewer} or {more} members.', zh: '请使用 {fewer} 或 {more} 个成员。' },
});

/** Kinds whose members vote (Raft): a majority must be up. */
const VOTING: ReadonlySet<string> = new Set(['etcd', 'kubernetes', 'rke2']);
/** Where such stacks list their voters; the first that is there counts. */
const LISTS = ['voters', 'members', 'servers', 'controlPlane', 'masters'] as const;

/** A quorum of an even number costs one machine and buys nothing. */
export const evenQuorum: Rule = {
  id: 'HF011',
  name: 'even-quorum',
  severity: 'warning',
  title: { en: 'An even number of voting members', zh: '投票成员数为偶数' },
  explanation: {
    en: 'Raft needs a majority: 4 members survive the loss of one, as 3 do, but more machines can fail and every write waits for one more. With 2, the loss of either one stops the whole. Use 3 or 5.',
    zh: 'Raft 需要多数派：4 个成员与 3 个一样只能容忍 1 个故障，却多了一台可能故障的机器，每次写入也要多等一个成员。2 个成员时任何一个故障都会使整体停止。请使用 3 或 5 个。',
  },
  reasons,
  *check(site) {
    for (const stack of site.stacks.values()) {
      if (!VOTING.has(stack.kind)) continue;
      const voters = votersOf(site, stack);
      if (voters === undefined || voters.count === 0 || voters.count % 2 === 1) continue;
      const { count, path } = voters;
      const params = { stack: stack.name, count, survives: count / 2 - 1, fewer: count - 1, more: count + 1 };
      yield { path, because: reasons.of('even-voters', params), hint: reasons.of('odd-voters', params) };
    }
  },
};

function votersOf(site: Site, stack: StackSpec): { count: number; path: SitePath } | undefined {
  const spec = (stack.spec ?? {}) as Readonly<Record<string, unknown>>;
  for (const key of LISTS) {
    const list = spec[key];
    if (Array.isArray(list)) return { count: list.length, path: ['stacks', stack.name, key] };
  }
  const endpoint = stack.endpoint === undefined ? undefined : site.endpoints.get(stack.endpoint);
  if (endpoint === undefined) return undefined;
  return { count: endpoint.members.length, path: ['endpoints', endpoint.name, 'members'] };
}
