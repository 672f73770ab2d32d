import { joinReasons } from '../../base/reason.ts';
import { ask, type Facts } from '../../hosts/fact.ts';
import { init } from '../../hosts/facts/init.ts';
import { packageManager } from '../../hosts/facts/package-manager.ts';
import type { Site, StackSpec } from '../../site/model.ts';
import type { Stack } from '../stack.ts';
import { BaselineError } from './error.ts';
import { hostsOf, planBaseline } from './plan.ts';
import { reasons } from './reasons.ts';
import { baselineConflict } from './rules/baseline-conflict.ts';
import { baselineOverridesName } from './rules/baseline-overrides-name.ts';
import { type BaselineSpec, baselineSchema } from './schema.ts';

/**
 * What hosts need before anything else: packages, kernel parameters, directories, files, units, commands, names in the
 * hosts file. It serves nothing itself, so it has no probes, and anybody may lead as far as it is concerned.
 */
export const baseline: Stack<BaselineSpec> = {
  name: 'baseline',
  summary: {
    en: 'What hosts need before anything else: packages, kernel parameters, files, services, names.',
    zh: '主机的基础要求：软件包、内核参数、文件、服务与主机名。',
  },
  spec: baselineSchema,
  rules: [baselineOverridesName, baselineConflict],
  reasons: joinReasons(reasons, baselineOverridesName.reasons, baselineConflict.reasons),
  stepKinds: [],
  probeKinds: [],
  facts: (site, { spec }) =>
    hostsOf(site, spec).flatMap((host) => [ask(host, packageManager, undefined), ask(host, init, undefined)]),
  plan(site, stack, facts, goal) {
    if (goal.kind !== 'build') return [];
    refuseWithoutTools(site, stack, facts);
    return planBaseline(site, stack);
  },
  probes: () => [],
  fitToLead: () => [],
};

/** Says so before the first step, not in the middle of the run. A host that was not asked is left to the steps. */
function refuseWithoutTools(site: Site, stack: StackSpec<BaselineSpec>, facts: Facts): void {
  const { name, spec } = stack;
  const hosts = hostsOf(site, spec);
  const unmanaged = hosts.filter((host) => {
    const manager = facts.get(ask(host, packageManager, undefined));
    return manager !== undefined && !['apt', 'dnf', 'yum'].includes(manager);
  });
  if (spec.packages.length > 0 && unmanaged.length > 0) {
    throw new BaselineError({
      code: 'baseline/no-package-manager',
      message: `no package manager that Holdfast knows on ${unmanaged.join(', ')}`,
      where: { position: site.where(['stacks', name, 'packages']) },
      expected: 'apt-get, dnf or yum',
      got: 'none of them',
      hint: 'Install what is needed there yourself, and leave these hosts out of the baseline that names packages.',
    });
  }
  const units = unitsOf(spec);
  const without = hosts.filter(
    (host) => (facts.get(ask(host, init, undefined))?.kind ?? 'systemd') !== 'systemd',
  );
  if (units.length === 0 || without.length === 0) return;
  throw new BaselineError({
    code: 'baseline/no-systemd',
    message: `not started by systemd, but to have ${units.join(', ')}: ${without.join(', ')}`,
    where: { position: site.where(['stacks', name, spec.services.length > 0 ? 'services' : 'files']) },
    expected: 'systemd as process 1',
    got: 'something else',
    hint: 'Leave these hosts out of the baseline that names units (a container has none of its own).',
  });
}

function unitsOf({ services, files }: BaselineSpec): string[] {
  const ofFiles = files.flatMap(({ reload, restart }) => reload ?? restart ?? []);
  return [...new Set([...services.map(({ unit }) => unit), ...ofFiles])];
}
