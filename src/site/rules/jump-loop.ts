import { defineReasons } from '../../base/reason.ts';
import type { HostName, Site } from '../model.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'jump-loop': { en: 'the way to {loop} leads back to itself', zh: '跳板路径成环：{loop}' },
  'break-loop': {
    en: 'Let one of them be reached directly: `jump: []`.',
    zh: '请让其中一台直接可达：`jump: []`。',
  },
});

/** Hosts that can only be reached through each other. */
export const jumpLoop: Rule = {
  id: 'HF021',
  name: 'jump-loop',
  severity: 'error',
  title: { en: 'Jump hosts in a circle', zh: '跳板机成环' },
  explanation: {
    en: 'Each of these hosts is to be reached through another of them, so none can be reached at all.',
    zh: '这些主机互为跳板，因此一台也无法到达。',
  },
  reasons,
  *check(site) {
    const done = new Set<HostName>();
    for (const host of site.hosts.keys()) {
      const loop = findLoop(site, host, [], done);
      if (loop === undefined) continue;
      const because = reasons.of('jump-loop', { loop: [...loop, loop[0] as string].join(' → ') });
      yield { path: ['hosts', loop[0] as string, 'jump'], because, hint: reasons.of('break-loop') };
    }
  },
};

/** Depth first; each host is looked at once over all calls, so a loop is reported once. */
function findLoop(
  site: Site,
  host: HostName,
  trail: HostName[],
  done: Set<HostName>,
): HostName[] | undefined {
  const start = trail.indexOf(host);
  if (start !== -1) return trail.slice(start);
  if (done.has(host)) return undefined;
  trail.push(host);
  let loop: HostName[] | undefined;
  for (const next of site.hosts.get(host)?.jump ?? []) loop ??= findLoop(site, next, trail, done);
  trail.pop();
  done.add(host);
  return loop;
}
