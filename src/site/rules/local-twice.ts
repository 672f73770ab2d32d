import { defineReasons } from '../../base/reason.ts';
import type { Rule } from '../rule.ts';

const reasons = defineReasons({
  'local-twice': {
    en: "'{host}' and '{other}' are both this machine (`transport: local`)",
    zh: '“{host}”与“{other}”都是本机（`transport: local`）',
  },
  'one-local': {
    en: 'Reach one of them over SSH; on a rehearsal on one machine, suppress this with that reason.',
    zh: '请通过 SSH 访问其中之一；若是单机演练，请注明理由后抑制。',
  },
});

/** Two hosts that are one. */
export const localTwice: Rule = {
  id: 'HF023',
  name: 'local-twice',
  severity: 'warning',
  title: { en: 'Two hosts are this machine', zh: '两台主机都是本机' },
  explanation: {
    en: 'A plan would change one machine under two names, and both go down together. It is right only where everything is rehearsed on one machine.',
    zh: '计划会以两个名称变更同一台机器，且两者会同时故障。仅在单机演练时才合理。',
  },
  reasons,
  *check(site) {
    const [first, ...others] = [...site.hosts.values()].filter((host) => host.transport === 'local');
    for (const { name } of others) {
      yield {
        path: ['hosts', name, 'transport'],
        because: reasons.of('local-twice', { host: name, other: (first as { name: string }).name }),
        hint: reasons.of('one-local'),
      };
    }
  },
};
