import { canonicalJson } from '../../../base/digest.ts';
import { defineReasons } from '../../../base/reason.ts';
import type { SitePath, StackSpec } from '../../../site/model.ts';
import type { Rule } from '../../../site/rule.ts';
import { baselinesOf } from '../baselines.ts';
import { hostsOf } from '../plan.ts';
import type { BaselineSpec } from '../schema.ts';

const reasons = defineReasons({
  'baseline/conflict': {
    en: "wants {what} on '{host}' otherwise than the baseline '{other}' does",
    zh: '对主机“{host}”上 {what} 的要求与基线“{other}”不一致',
  },
  'baseline/say-once': {
    en: 'Say it in one of them, or let them concern different hosts.',
    zh: '请只在其中一个基线中声明，或让二者作用于不同的主机。',
  },
});

/** Two baselines that take turns: no apply would ever find nothing to do. */
export const baselineConflict: Rule = {
  id: 'HF391',
  name: 'baseline-conflict',
  severity: 'error',
  title: { en: 'Two baselines contradict each other', zh: '两个基线相互矛盾' },
  explanation: {
    en: 'Two baselines want the same file, directory, package, kernel parameter or unit of the same host in different ways. Each apply would undo what the other one did, and services would restart every time.',
    zh: '两个基线对同一主机上的同一文件、目录、软件包、内核参数或单元提出了不同要求。每次 apply 都会互相覆盖，服务也会反复重启。',
  },
  reasons,
  *check(site) {
    const first = new Map<string, { stack: string; wish: string }>();
    const baselines = baselinesOf(site);
    if (baselines.length < 2) return;
    for (const stack of baselines) {
      const wishes = wishesOf(stack);
      const told = new Set<string>();
      for (const host of hostsOf(site, stack.spec)) {
        for (const { what, wish, path } of wishes) {
          const key = `${host}\0${what}`;
          const before = first.get(key);
          if (before === undefined) first.set(key, { stack: stack.name, wish });
          else if (before.stack !== stack.name && before.wish !== wish && !told.has(what)) {
            told.add(what);
            const because = reasons.of('baseline/conflict', { what, host, other: before.stack });
            yield { path: ['stacks', stack.name, ...path], because, hint: reasons.of('baseline/say-once') };
          }
        }
      }
    }
  },
};

interface Wish {
  /** `file /etc/motd` */
  readonly what: string;
  readonly wish: string;
  readonly path: SitePath;
}

function wishesOf({ spec }: StackSpec<BaselineSpec>): Wish[] {
  const list = <T>(
    family: keyof BaselineSpec,
    kind: string,
    all: readonly T[],
    nameOf: (one: T) => string,
  ): Wish[] =>
    all.map((one, at) => ({ what: `${kind} ${nameOf(one)}`, wish: canonicalJson(one), path: [family, at] }));
  return [
    ...list('files', 'file', spec.files, ({ path }) => path),
    ...list('directories', 'directory', spec.directories, ({ path }) => path),
    ...list('packages', 'package', spec.packages, ({ name }) => name),
    ...list('services', 'unit', spec.services, ({ unit }) => unit),
    ...Object.entries(spec.sysctl ?? {}).map(([key, value]) => ({
      what: `kernel parameter ${key}`,
      wish: value,
      path: ['sysctl', key],
    })),
  ];
}
