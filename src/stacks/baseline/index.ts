import { HoldfastError } from '../../base/errors.ts';
import { joinReasons } from '../../base/reason.ts';
import { ask, type Facts } from '../../hosts/fact.ts';
import { init } from '../../hosts/facts/init.ts';
import { packageManager } from '../../hosts/facts/package-manager.ts';
import type { HostName, Site, StackSpec } from '../../site/model.ts';
import type { Stack } from '../stack.ts';
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
    for (const host of hostsOf(site, stack.spec)) refuseWithoutTools(site, stack, host, facts);
    return planBaseline(site, stack);
  },
  probes: () => [],
  fitToLead: () => [],
};

/** A baseline that a host cannot have: `baseline/no-package-manager`, `baseline/no-systemd`. */
class BaselineError extends HoldfastError {}

/** Says so before the first step, not in the middle of the run. A host that was not asked is left to the steps. */
function refuseWithoutTools(site: Site, stack: StackSpec<BaselineSpec>, host: HostName, facts: Facts): void {
  const { name, spec } = stack;
  const manager = facts.get(ask(host, packageManager, undefined));
  if (spec.packages.length > 0 && manager !== undefined && !['apt', 'dnf', 'yum'].includes(manager)) {
    throw new BaselineError({
      code: 'baseline/no-package-manager',
      message: `'${host}' has no package manager that Holdfast knows`,
      where: { host, position: site.where(['stacks', name, 'packages']) },
      expected: 'apt-get, dnf or yum',
      got: manager,
      hint: 'Install what is needed there yourself, and leave the host out of the baseline that names packages.',
    });
  }
  const system = facts.get(ask(host, init, undefined));
  const units = unitsOf(spec);
  if (units.length === 0 || system === undefined || system.kind === 'systemd') return;
  throw new BaselineError({
    code: 'baseline/no-systemd',
    message: `'${host}' was not started by systemd`,
    where: { host, position: site.where(['stacks', name, 'services']) },
    expected: `systemd as process 1, for ${units.join(', ')}`,
    got: `${system.kind}, process 1 is '${system.process}'`,
    hint: 'Leave the host out of the baseline that names units (a container has none of its own).',
  });
}

function unitsOf({ services, files }: BaselineSpec): string[] {
  const ofFiles = files.flatMap(({ reload, restart }) => reload ?? restart ?? []);
  return [...new Set([...services.map(({ unit }) => unit), ...ofFiles])];
}
